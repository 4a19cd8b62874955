"""Versions: published app folders as they were, and the pointer to the one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Integer, String, Table, Text, insert, select, update

from engine.errors import Conflict
from engine.tables import Id, Instant, Json, metadata

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work

table = Table(
    "g_config_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("files", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("checks", Json, nullable=False),  # the warnings with which it was published
    Column("published_by_id", Id),
    Column("published_by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
pointer = Table(
    "g_config_pointer",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("active_id", Id, nullable=False),
    Column("generation", Integer, nullable=False),
)

_VERSIONS = select(table.c.id, table.c.hash, table.c.note, table.c.published_by, table.c.at, pointer.c.generation)
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7180001)"


@dataclass(frozen=True, slots=True)
class Version:
    """One published version; `generation` is set on the one that runs."""

    id: int
    hash: str
    note: str
    published_by: str
    at: datetime
    generation: int | None = None


def take_turn(connection: Connection) -> None:
    """Let one publisher at a time create tables; on SQLite every write is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_ONE_AT_A_TIME)


def generation(connection: Connection) -> int:
    """How often the pointer has moved; 0 when nothing is published yet."""
    return connection.scalar(select(pointer.c.generation)) or 0


def active(connection: Connection) -> Version | None:
    """Return the version that runs, or None when nothing is published yet."""
    found = connection.execute(_VERSIONS.join_from(table, pointer, pointer.c.active_id == table.c.id)).first()
    return Version(**found._mapping) if found else None


def every(work: Work) -> list[Version]:
    """Return all versions ever published, newest first."""
    found = _VERSIONS.outerjoin_from(table, pointer, pointer.c.active_id == table.c.id).order_by(table.c.id.desc())
    return [Version(**row._mapping) for row in work.execute(found)]


def files(connection: Connection, id: int) -> Mapping[str, str]:
    """Return the files of one version by name; what `Catalog.from_files` reads."""
    return connection.scalar(select(table.c.files).where(table.c.id == id)) or {}


def put(work: Work, catalog: Catalog, before: Version | None, note: str) -> Version:
    """Store what is published and move the pointer to it, away from what the publisher has seen.

    A version that ran earlier is found again by its hash; nothing is stored twice.
    """
    id = work.execute(select(table.c.id).where(table.c.hash == catalog.hash)).scalar()
    if id is None:
        id = work.execute(insert(table).returning(table.c.id), _row(work, catalog, note)).scalar_one()
    if before is None:
        work.execute(insert(pointer), {"id": 1, "active_id": id, "generation": 1})
    else:
        moved = work.execute(
            update(pointer)
            .where(pointer.c.generation == before.generation)
            .values(active_id=id, generation=pointer.c.generation + 1)
        )
        if moved.rowcount != 1:
            raise Conflict("someone else has published meanwhile; look at what runs now and publish again")
    running = active(work.connection)
    assert running is not None
    return running


def _row(work: Work, catalog: Catalog, note: str) -> dict[str, object]:
    return {
        "hash": catalog.hash,
        "files": dict(catalog.files),
        "note": note,
        "checks": [str(warning) for warning in catalog.warnings],
        "published_by_id": work.principal.id,
        "published_by": work.principal.name,
        "at": work.now,
    }
