"""Words: what people type beside a decision, checked before anything is done."""

from __future__ import annotations

from engine.errors import InputError

LONGEST, LONGEST_KEY = 5000, 80


def checked(text: str, name: str = "opinion") -> str:
    """The text without blanks around it; InputError at `name` when it is too long or no text for people."""
    text = text.strip()
    if len(text) > LONGEST:
        raise InputError({name: f"最多 {LONGEST} 个字, 现在有 {len(text)} 个"})
    if any(ord(one) < 32 and one not in "\t\r\n" for one in text):
        raise InputError({name: "不能包含控制字符"})
    return text


def checked_key(key: str | None) -> str | None:
    """The key of an action; InputError when it is too long to be kept."""
    if key is not None and (len(key) > LONGEST_KEY or not key.isprintable()):
        raise InputError({"key": f"操作编号最多 {LONGEST_KEY} 个可见字符"})
    return key or None
