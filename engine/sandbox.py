"""Sandbox: a clock in the database that an admin moves forward, so that weeks of rules can be seen in minutes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sqlalchemy import Column, Integer, Table, select, text

from engine import audit, versions, worker
from engine.calendar import instant
from engine.clock import Clock, SystemClock
from engine.database import Database
from engine.errors import AccessDenied, Conflict, EvaluationError, InputError
from engine.events import Cause
from engine.principal import Principal
from engine.tables import Instant, bind_instant, metadata

if TYPE_CHECKING:
    from engine.app import App

STOPS = (time(0), time(8), time(9), time(12), time(15), time(18))  # when a day is looked at on the way
LOOK_EVERY = 0.5  # seconds between two looks at what other processes have set
MOST_DAYS = 400  # in one move

table = Table(
    "g_sandbox_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),  # what the clock was set to
    Column("set_at", Instant, nullable=False),  # when that was, on the machine's own clock
)

# Moves the clock if it is not moved back; one statement, so that two admins at once cannot turn it backwards.
_SET = """INSERT INTO g_sandbox_clock (id, at, set_at) VALUES (1, :at, :set_at)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, set_at = excluded.set_at WHERE g_sandbox_clock.at <= excluded.at"""

_BEGIN = "INSERT INTO g_sandbox_clock (id, at, set_at) VALUES (1, :at, :set_at) ON CONFLICT (id) DO NOTHING"


@runtime_checkable
class Movable(Protocol):
    """A clock that can be set."""

    def now(self) -> datetime: ...

    def set(self, at: datetime) -> None: ...


class SandboxClock:
    """Runs on from the instant it was last set to; the machine's time until then. Shared by all processes."""

    def __init__(self, database: Database, machine: Clock | None = None) -> None:
        self._database, self._machine = database, machine or SystemClock()
        self._lead: timedelta | None = None  # of the sandbox over the machine, once one is set
        self._look_at = 0.0
        self._looking = threading.Lock()
        with database.write() as connection:
            versions.take_turn(connection)
            table.create(connection, checkfirst=True)

    def now(self) -> datetime:
        """The present of the sandbox; reads what other processes have set at most twice a second."""
        if monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._machine.now() + (self._lead or timedelta())

    def begin(self, at: datetime) -> None:
        """Start a sandbox in which nothing has happened yet at this instant, past or future; else do nothing."""
        with self._database.write() as connection:
            dialect = self._database.dialect
            values = {"at": bind_instant(at, dialect), "set_at": bind_instant(self._machine.now(), dialect)}
            connection.execute(text(_BEGIN), values)
        self._look()

    def set(self, at: datetime) -> None:
        """Show this instant from now on, in every process; Conflict when it lies before what the clock shows."""
        if at < self.now():
            raise Conflict("沙箱时钟只能向前移动", current=self.now())
        machine = self._machine.now()
        with self._database.write() as connection:
            dialect = self._database.dialect
            values = {"at": bind_instant(at, dialect), "set_at": bind_instant(machine, dialect)}
            if connection.execute(text(_SET), values).rowcount != 1:
                raise Conflict("沙箱时钟刚刚被移到更晚的时间", current=at)
        self._grow(at - machine)

    def _look(self) -> None:
        """Read what is set; the lead only grows, so that time never runs backwards in a process."""
        with self._database.read() as connection:
            row = connection.execute(select(table.c.at, table.c.set_at)).one_or_none()
        if row is not None:
            self._grow(row.at - row.set_at)
        self._look_at = monotonic() + LOOK_EVERY

    def _grow(self, lead: timedelta) -> None:
        self._lead = lead if self._lead is None else max(self._lead, lead)


@dataclass(frozen=True, slots=True)
class Day:
    """What one business day of a move brought: pieces of due work done, and jobs run."""

    day: date
    due: int
    jobs: int


def move(app: App, principal: Principal, *, to: datetime | None = None, days: int | None = None) -> list[Day]:
    """Move the sandbox forward to an instant, or by so many days, and let all happen that falls due on the way.

    The clock stops at several times of each day, where what is due is done and the jobs it puts are run,
    so that daily rules, ladders and deadlines come in their order. It stays at the last stop reached when
    one of them fails: EvaluationError. Raises AccessDenied, Conflict for a move backwards, InputError for one that
    is too long.
    """
    if not app.catalog.may(principal, "sandbox"):
        raise AccessDenied("需要可以移动沙箱时钟的角色")
    clock = app.clock
    if not isinstance(clock, Movable):
        raise AccessDenied("这里用的是真实时间, 不是沙箱")
    begin = clock.now()
    target = target_of(app, begin, to, days)
    with app.work(principal, cause=Cause("system", "sandbox")) as work:
        audit.write(work, "sandbox.move", "clock", {"from": begin, "to": target})
    found: dict[date, Day] = {}
    for stop in _stops(app, begin, target):
        if stop > clock.now():
            clock.set(stop)
        day = stop.astimezone(app.catalog.timezone).date()
        before = found.get(day, Day(day, 0, 0))
        found[day] = Day(day, before.due + _due(app), before.jobs + worker.drain(app))
    return list(found.values())


def _due(app: App) -> int:
    """Do what is due here; what fails is told with the place where the clock stands."""
    try:
        return app.due()
    except ExceptionGroup as group:
        here = app.clock.now().astimezone(app.catalog.timezone)
        reasons = "; ".join(str(error) for error in group.exceptions)
        raise EvaluationError(f"沙箱停在 {here:%Y-%m-%d %H:%M}: {reasons}") from group


def target_of(app: App, begin: datetime, to: datetime | None, days: int | None) -> datetime:
    """The instant that a move from `begin` ends at; InputError for one that is too long, Conflict for one backwards."""
    if (to is None) == (days is None):
        raise InputError({"to": "请填写目标时间或天数"})
    if days is not None:
        local = begin.astimezone(app.catalog.timezone)
        if not 0 < days <= MOST_DAYS:
            raise InputError({"days": f"一次可移动 1 到 {MOST_DAYS} 天"})
        return instant(local.date() + timedelta(days=days), local.time(), app.catalog.timezone)
    assert to is not None
    if to.tzinfo is None:
        raise InputError({"to": "时间需要带时区"})
    if to < begin:
        raise Conflict("沙箱时钟只能向前移动", current=begin)
    if to - begin > timedelta(days=MOST_DAYS):
        raise InputError({"to": f"一次最多移动 {MOST_DAYS} 天"})
    return to


def _stops(app: App, begin: datetime, target: datetime) -> Iterator[datetime]:
    """The stops after `begin`, in order, with the target last."""
    zone = app.catalog.timezone
    day = begin.astimezone(zone).date()
    while day <= target.astimezone(zone).date():
        yield from (at for stop in STOPS if begin < (at := instant(day, stop, zone)) < target)
        day += timedelta(days=1)
    yield target
