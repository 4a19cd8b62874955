"""Env: where an expression finds its values, for one record in Python and for a set of records in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause

from engine.principal import Principal

Path = tuple[str, ...]


class Env(Protocol):
    """The values of one record, and the time and person it is looked at by."""

    today: date
    now: datetime
    timezone: tzinfo
    calendar: Any
    user: Principal | None

    @property
    def kept(self) -> dict[Path, Any] | None:
        """Where computed values are kept for the next time; None while the record may still change."""

    def value(self, path: Path) -> Any:
        """The value at a path, None as soon as a step is empty; `("settings", name)` is a setting."""

    def related(self, path: Path) -> Sequence[Env]:
        """The records of a to-many relation."""


@dataclass
class Related:
    """The rows of a relation inside SQL: what to select from, its columns, and what ties it to the outer row.

    `from_` and `where` are read after all columns have been asked for, so that an env may add joins.
    """

    from_: FromClause
    env: SqlEnv
    where: ColumnElement[bool]


class SqlEnv(Protocol):
    """The columns of a set of records in their physical form, and the time and person it is looked at by."""

    today: date
    now: datetime
    timezone: ZoneInfo
    calendar: Any
    user: Principal | None
    dialect: str  # "sqlite" or "postgresql"

    def column(self, path: Path) -> ColumnElement[Any]:
        """The column at a path in physical form: numbers as integers of 10**scale, references as ids."""

    def related(self, path: Path) -> Related:
        """The rows of a to-many relation, under a fresh alias."""

    def value(self, path: Path) -> Any:
        """A value that is the same for every row, in its Python form: `("settings", name)`."""


class MapEnv:
    """An env from nested dicts; `related` maps a relation's name or path to its children's envs."""

    kept: dict[Path, Any] | None = None

    def __init__(
        self,
        values: Mapping[str, Any],
        related: Mapping[Any, Sequence[Env]] | None = None,
        *,
        today: date = date(2026, 1, 1),
        now: datetime | None = None,
        timezone: tzinfo = UTC,
        calendar: Any = None,
        user: Principal | None = None,
    ) -> None:
        self.values, self._related = values, related or {}
        self.today, self.timezone, self.calendar, self.user = today, timezone, calendar, user
        self.now = now or datetime(today.year, today.month, today.day, tzinfo=UTC)

    def value(self, path: Path) -> Any:
        found: Any = self.values
        for step in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(step)
        return found.get("id") if isinstance(found, Mapping) else found

    def related(self, path: Path) -> Sequence[Env]:
        if path in self._related:
            return self._related[path]
        return self._related.get(path[0], ()) if len(path) == 1 else ()
