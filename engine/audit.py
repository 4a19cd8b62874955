"""Audit: who did what, in rows that are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, Text

from engine import jsontext
from engine.tables import Id, Instant, metadata

if TYPE_CHECKING:
    from engine.work import Work

table = Table(
    "g_audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("actor_id", Id),
    Column("actor", String(200), nullable=False),
    Column("cause_kind", String(20), nullable=False),
    Column("cause_id", String(200), nullable=False),
    Column("chain", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)

_INSERT = """INSERT INTO g_audit (at, action, subject, actor_id, actor, cause_kind, cause_id, chain, detail)
VALUES (:at, :action, :subject, :actor_id, :actor, :cause_kind, :cause_id, :chain, :detail)"""


def write(work: Work, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Add one row: `action` such as `record.update` or `login.refused`, `subject` such as `customer:7`."""
    work.driver(_INSERT, {**work.stamp, "action": action, "subject": subject, "detail": jsontext.dump(detail or {})})
