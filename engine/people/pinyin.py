"""Pinyin of a name, so that typing "zs" or "zhang" finds 张三."""

from __future__ import annotations


def spelled(name: str) -> str:
    """Answer "zhangsan zs" for 张三; other letters stay as they are."""
    from pypinyin import Style, lazy_pinyin  # slow to import, and only needed when a name is written

    whole = "".join(lazy_pinyin(name)).lower().replace(" ", "")
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower().replace(" ", "")
    return whole if whole == initials else f"{whole} {initials}"
