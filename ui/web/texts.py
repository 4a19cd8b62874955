"""Texts of the pages themselves: Chinese in the templates, other languages in ui/locale."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

LOCALES = {"zh-CN": "简体中文", "en": "English"}
_folder = Path(__file__).parent.parent / "locale"


@lru_cache
def translations(language: str) -> dict[str, str]:
    path = _folder / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def translate(locale: str, text: str, **values: Any) -> str:
    """These words in the reader's language, holes such as {count} filled in; unknown words stay Chinese."""
    language = locale.split("-")[0]
    if language != "zh":
        text = translations(language).get(text, text)
    return text.format(**values) if values else text
