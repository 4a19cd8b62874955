"""Templates: `templates/*.yaml`, the messages that rules and flows send by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.source import Document

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "templates/*.yaml",
    "description": "A message (消息模板): a subject and a body with holes such as {{ customer.name }}.",
    "type": "object",
    "required": ["subject", "body"],
    "additionalProperties": False,
    "properties": {
        "label": {"type": "string", "description": "What the builder calls it."},
        "subject": {"type": "string", "minLength": 1, "description": "The subject of the message (主题)."},
        "body": {"type": "string", "minLength": 1, "description": "The text of the message (正文)."},
    },
}


@dataclass(frozen=True, slots=True)
class Template:
    """A message by name; its texts are compiled where the record they speak of is known."""

    id: str
    subject: str
    body: str
    document: Document
