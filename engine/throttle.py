"""Throttle: wrong passwords cost growing time, per account and address; nobody is ever locked out for good."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, delete, func, select, update

from engine.errors import GuijuError
from engine.tables import Instant, metadata

if TYPE_CHECKING:
    from engine.work import Work

FORGET_AFTER = timedelta(hours=24)

attempts = Table(
    "g_login_attempt",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash: what people type into the login box may be a password
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("next_at", Instant, nullable=False),
)


class Throttled(GuijuError):
    """Too many wrong passwords; try again after `seconds` (HTTP 429)."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"尝试次数过多, 请 {seconds} 秒后再试")
        self.seconds = seconds


class Lane:
    """One count of failures: how many are free, and to how many seconds the doubling delay may grow."""

    def __init__(self, key: str, free: int, longest: int, *, shared: bool = False) -> None:
        self.key = hashlib.sha256(key.encode()).hexdigest()
        self.free, self.longest, self.shared = free, longest, shared  # shared: between accounts

    def delay(self, failures: int) -> timedelta:
        """How long the next attempt waits after so many failures: nothing at first, then 1 s doubling."""
        beyond = failures - self.free
        return timedelta(seconds=min(self.longest, 2 ** min(beyond, 20)) if beyond >= 0 else 0)


def lanes(login: str, address: str, *, known: bool) -> tuple[Lane, ...]:
    """The counts that an attempt stands in.

    Guessing one account from one address soon waits minutes; one address that tries many accounts too.
    Guesses from everywhere at one account wait half a minute at most, and not at all from an address that
    the person has lately been logged in from, so that an attacker cannot keep anybody out.
    """
    pair = Lane(f"pair {login} {address}", 5, 900)
    house = Lane(f"address {address}", 30, 900, shared=True)
    return (pair, house) if known else (pair, house, Lane(f"account {login}", 20, 30))


# Counts in one statement, so that two attempts at once are two.
_COUNT = """INSERT INTO g_login_attempt (key, failures, last_at, next_at) VALUES (:key, 1, :at, :at)
ON CONFLICT (key) DO UPDATE SET failures = g_login_attempt.failures + 1, last_at = excluded.last_at
RETURNING failures"""


def begin(work: Work, stand_in: tuple[Lane, ...], now: datetime) -> None:
    """Count this attempt as a failure before the password is looked at, so that a burst cannot outrun the count.

    Raises Throttled without counting while the delay after the last failure runs.
    """
    work.execute(delete(attempts).where(attempts.c.last_at < now - FORGET_AFTER))
    keys = [lane.key for lane in stand_in]
    latest = work.execute(select(func.max(attempts.c.next_at)).where(attempts.c.key.in_(keys))).scalar()
    if latest is not None and latest > now:
        raise Throttled(int((latest - now).total_seconds()) + 1)
    for lane in sorted(stand_in, key=lambda lane: lane.key):  # one order for all, so that no two wait for each other
        failures = work.driver(_COUNT, {"key": lane.key, "at": work.bind(now)}).fetchone()[0]
        after = update(attempts).where(attempts.c.key == lane.key)
        work.execute(after.values(next_at=now + lane.delay(failures)))


def succeed(work: Work, stand_in: tuple[Lane, ...], now: datetime) -> None:
    """Forget the failures at this account; the address keeps those before this one, it may be guessing at others."""
    for lane in stand_in:
        mine = attempts.c.key == lane.key
        if lane.shared:
            work.execute(update(attempts).where(mine).values(failures=attempts.c.failures - 1, next_at=now))
        else:
            work.execute(delete(attempts).where(mine))
