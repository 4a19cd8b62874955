"""Unit of work: one transaction, one frozen clock, one cause chain; all effects on the database go through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.exc import DBAPIError

from engine import driver
from engine.errors import EvaluationError
from engine.events import Cause, Event
from engine.principal import Principal
from engine.tables import bind_instant

if TYPE_CHECKING:
    from engine.app import App
    from engine.catalog import Catalog
    from engine.settings import Settings

MAX_DEPTH = 8


class Work:
    """What a piece of business logic needs: who, when, why, and the open transaction.

    `now` is frozen at the start and `today` is its date in the app's zone. `cache` lives as long as
    the transaction and is shared by every hand that acts in it.
    """

    def __init__(
        self, app: App, connection: Connection, catalog: Catalog, principal: Principal, now: datetime, cause: Cause
    ) -> None:
        self.app, self.connection, self.catalog = app, connection, catalog
        self.principal, self.now, self.cause = principal, now, cause
        self.today: date = now.astimezone(catalog.timezone).date()
        self.cache: dict[Any, Any] = {}
        self._after: list[Callable[[], None]] = []

    @property
    def dialect(self) -> str:
        return self.app.database.dialect

    @property
    def settings(self) -> Settings:
        """The app's settings as they stand in this transaction."""
        found = self.cache.get("settings")
        if found is None:
            from engine.settings import Settings

            found = self.cache["settings"] = Settings.load(self)
        return found

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement in this transaction."""
        return self.connection.execute(statement, parameters)

    def driver(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Run a hot statement at driver level, its parameters written `:name`; answers the driver's cursor."""
        return driver.run(self.connection, sql, parameters)

    def driver_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one hot statement for every row of parameters."""
        driver.run_many(self.connection, sql, rows)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Do a part of the work that an error undoes alone; the error goes on, and who catches it can go on, too."""
        self.driver("SAVEPOINT g_part")
        try:
            yield
        except BaseException as error:
            try:
                self.driver("ROLLBACK TO SAVEPOINT g_part")
            except DBAPIError:
                raise error from None  # the connection is gone, and the whole transaction with it
            self.driver("RELEASE SAVEPOINT g_part")
            raise
        self.driver("RELEASE SAVEPOINT g_part")

    @cached_property
    def stamp(self) -> Mapping[str, Any]:
        """Who, why and when, as parameters of the rows that history, audit, jobs and the outbox write."""
        return {
            "actor_id": self.principal.id,
            "actor": self.principal.name,
            "cause_kind": self.cause.kind,
            "cause_id": self.cause.id,
            "chain": self.cause.chain,
            "at": self.bind(self.now),
        }

    def bind(self, at: datetime) -> Any:
        """Return an instant as `driver` takes it."""
        return bind_instant(at, self.dialect)

    def publish(self, event: Event) -> None:
        """Tell every subscriber, in their fixed order, in this transaction."""
        if self.cause.depth > MAX_DEPTH:
            raise EvaluationError(f"the chain {self.cause.chain} is deeper than {MAX_DEPTH} links; it was undone whole")
        for subscriber in self.app.subscribers:
            subscriber(self, event)

    def acting(self, principal: Principal, cause: Cause) -> Work:
        """Return this unit of work in another hand: same transaction and time, other actor and cause."""
        other = Work(self.app, self.connection, self.catalog, principal, self.now, cause)
        other.cache, other._after = self.cache, self._after
        return other

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the transaction is safe; never for anything that must not be lost."""
        self._after.append(call)
