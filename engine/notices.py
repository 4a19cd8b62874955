"""Notices: messages inside the app, one row for each person they reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Index, String, Table, Text, func, select, text, update

from engine.tables import Id, Instant, metadata

if TYPE_CHECKING:
    from engine.work import Work

KINDS = ("info", "todo", "warning", "done")
LONGEST_TITLE = 300

table = Table(
    "g_notice",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("person_id", Id, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", String(LONGEST_TITLE), nullable=False),
    Column("body", Text, nullable=False),
    Column("link", String(500)),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("key", String(300), unique=True),
)
Index("ix_g_notice_person", table.c.person_id, table.c.id)
_UNREAD = text("read_at IS NULL")
Index("ix_g_notice_unread", table.c.person_id, sqlite_where=_UNREAD, postgresql_where=_UNREAD)

_SEND = """INSERT INTO g_notice (person_id, kind, title, body, link, created_at, key)
VALUES (:person_id, :kind, :title, :body, :link, :created_at, :key) ON CONFLICT (key) DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person."""

    id: int
    kind: str
    title: str
    body: str
    link: str | None
    created_at: datetime
    read_at: datetime | None


def send(
    work: Work,
    people_ids: Iterable[int],
    title: str,
    *,
    body: str = "",
    link: str | None = None,
    kind: str = "info",
    key: str | None = None,
) -> None:
    """Tell these people something, each once, in this transaction.

    `link` is a path inside the app. With a `key` the same person is told at most once, however often it is sent.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r} of notices; known are {', '.join(KINDS)}")
    if link is not None and (not link.startswith("/") or link.startswith(("//", "/\\"))):
        raise ValueError(f"{link!r} leads out of the app")
    row = {"kind": kind, "title": title[:LONGEST_TITLE], "body": body, "link": link, "created_at": work.bind(work.now)}
    work.driver_many(
        _SEND, [{**row, "person_id": id, "key": key and f"{key}:{id}"} for id in dict.fromkeys(people_ids)]
    )


def unread_count(work: Work) -> int:
    """How many notices the acting person has not read."""
    waiting = select(func.count()).select_from(table).where(_mine(work), table.c.read_at.is_(None))
    return int(work.execute(waiting).scalar_one())


def mine(work: Work, *, unread: bool = False, limit: int = 50, before: int | None = None) -> list[Notice]:
    """The notices of the acting person, newest first; `before` is the id of the last one already seen."""
    found = select(table).where(_mine(work)).order_by(table.c.id.desc()).limit(limit)
    if unread:
        found = found.where(table.c.read_at.is_(None))
    if before is not None:
        found = found.where(table.c.id < before)
    return [_notice(row) for row in work.execute(found)]


def mark_read(work: Work, ids: Sequence[int] | None = None) -> int:
    """Mark these notices of the acting person as read, or all; those of others stay. Answers how many changed."""
    read = update(table).where(_mine(work), table.c.read_at.is_(None)).values(read_at=work.now)
    return int(work.execute(read if ids is None else read.where(table.c.id.in_(ids))).rowcount)


def _mine(work: Work) -> ColumnElement[bool]:
    return table.c.person_id == work.principal.id


def _notice(row: Any) -> Notice:
    return Notice(row.id, row.kind, row.title, row.body, row.link, row.created_at, row.read_at)
