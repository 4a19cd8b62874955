"""Audit: who did what, in rows that are only ever added."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, String, Table, Text, select

from engine import jsontext
from engine.only_added import only_added
from engine.tables import Id, Instant, metadata

if TYPE_CHECKING:
    from engine.work import Work

table = Table(
    "g_audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor_id", Id),
    Column("actor", Text, nullable=False),
    Column("cause_kind", String(20), nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_g_audit_action", table.c.action, table.c.id)
Index("ix_g_audit_subject", table.c.subject, table.c.id)
only_added(table)

_INSERT = """INSERT INTO g_audit (at, action, subject, actor_id, actor, cause_kind, cause_id, chain, detail)
VALUES (:at, :action, :subject, :actor_id, :actor, :cause_kind, :cause_id, :chain, :detail)"""
_SECRET = re.compile(r"passw|secret|token|credential|private|api_?key|authorization|cookie|seed|otp", re.IGNORECASE)
HIDDEN = "***"
LONGEST = 300  # characters of a subject


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the audit log."""

    id: int
    at: datetime
    action: str
    subject: str
    actor_id: int | None
    actor: str
    cause_kind: str
    cause_id: str
    chain: str
    detail: Mapping[str, Any]


def write(work: Work, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Add one row: `action` such as `record.update` or `login.refused`, `subject` such as `customer:7`.

    Values whose key says that they are secret never reach the database. A subject may be what a stranger has
    typed: it is cut to what an index takes.
    """
    subject = subject.replace("\0", " ")[:LONGEST]
    text = jsontext.dump(_redacted(detail)) if detail else "{}"
    work.driver(_INSERT, {**work.stamp, "action": action, "subject": subject, "detail": text})


def rows(
    work: Work, *, limit: int = 50, before: int | None = None, action: str | None = None, subject: str | None = None
) -> list[Row]:
    """Return the newest rows; `before` is the id to go on from, `action` a whole name or one that ends in a dot."""
    c = table.c
    found = select(table).order_by(c.id.desc()).limit(limit)
    if before is not None:
        found = found.where(c.id < before)
    if action is not None:
        found = found.where(
            c.action.startswith(action, autoescape=True) if action.endswith(".") else c.action == action
        )
    if subject is not None:
        found = found.where(c.subject == subject)
    return [Row(**{**row._mapping, "detail": jsontext.load(row.detail)}) for row in work.execute(found)]


def _redacted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: HIDDEN if _SECRET.search(str(key)) else _redacted(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted(inner) for inner in value]
    return value
