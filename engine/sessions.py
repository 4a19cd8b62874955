"""Sessions: who is logged in where; an opaque token at the browser, its hash here.

Sessions run on the machine's own clock: a sandbox clock that is moved by a month must not log anybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, String, Table, and_, delete, insert, select, update

from engine import audit, people
from engine.clock import Clock, SystemClock
from engine.errors import Busy, NotFound
from engine.principal import SYSTEM, Principal
from engine.tables import Id, Instant, metadata

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
TOUCH_EVERY = timedelta(minutes=1)
MOST = 5  # sessions of one person; the oldest gives way
REMEMBERED = timedelta(days=30)  # how long an address counts as one the person is known at

clock: Clock = SystemClock()

table = Table(
    "g_session",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("person_id", Id, nullable=False, index=True),
    Column("created_at", Instant, nullable=False, index=True),
    Column("last_seen", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("address", String(64), nullable=False),
    Column("user_agent", String(300), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """One login of a person; `principal` is who acts in it now."""

    id: int
    person_id: int
    created_at: datetime
    last_seen: datetime
    address: str
    user_agent: str
    principal: Principal | None = None


def open(work: Work, person_id: int, *, address: str = "", user_agent: str = "") -> str:
    """Open a session and return its token, which is known to nobody else; always a new one."""
    token, now = secrets.token_urlsafe(32), clock.now()
    _forget(work, now)
    living = select(table.c.id).where(table.c.person_id == person_id, _living(now)).order_by(table.c.id.desc())
    _close(work, list(work.execute(living).scalars())[MOST - 1 :], now)
    work.execute(
        insert(table).values(
            token_hash=_hash(token), person_id=person_id, created_at=now, last_seen=now,
            address=address[:64], user_agent=user_agent[:300],
        )
    )  # fmt: skip
    return token


def find(app: App, token: str) -> Session | None:
    """The living session of a token with its principal, None when there is none.

    Reads only; once a minute it is marked as seen.
    """
    now = clock.now()
    with app.work(SYSTEM, read=True) as work:
        row = work.execute(select(table).where(table.c.token_hash == _hash(token), _living(now))).one_or_none()
        try:
            principal = people.principal(work, row.person_id) if row else None
        except NotFound:
            return None
    if row is None:
        return None
    if now - row.last_seen >= TOUCH_EVERY:
        _touch(app, row.id, now)
    return _session(row, principal)


def close(work: Work, token: str) -> None:
    """End the session of this token, as a logout does; nothing happens when there is none."""
    id = work.execute(select(table.c.id).where(table.c.token_hash == _hash(token))).scalar()
    if id is not None:
        _close(work, [id], clock.now())
        audit.write(work, "session.close", f"session:{id}")


def close_one(work: Work, person_id: int, id: int) -> None:
    """End one session of a person, as the list of sessions offers; NotFound when it is not theirs."""
    found = work.execute(select(table.c.id).where(table.c.id == id, table.c.person_id == person_id)).scalar()
    if found is None:
        raise NotFound("没有这个会话")
    _close(work, [id], clock.now())
    audit.write(work, "session.close", f"session:{id}")


def close_all(work: Work, person_id: int, *, but: str | None = None) -> None:
    """End all sessions of a person, `but` the one of this token."""
    now = clock.now()
    ended = update(table).where(table.c.person_id == person_id, table.c.closed_at.is_(None))
    work.execute((ended.where(table.c.token_hash != _hash(but)) if but else ended).values(closed_at=now))


def of(work: Work, person_id: int) -> list[Session]:
    """The living sessions of a person, newest first."""
    mine = select(table).where(table.c.person_id == person_id, _living(clock.now())).order_by(table.c.id.desc())
    return [_session(row) for row in work.execute(mine)]


def seen_from(work: Work, person_id: int, address: str) -> bool:
    """True when the person has lately been logged in from this address."""
    known = select(table.c.id).where(table.c.person_id == person_id, table.c.address == address[:64])
    return work.execute(known.limit(1)).scalar() is not None


def form_token(token: str) -> str:
    """What a form of this session must carry (CSRF); tells nothing about the token itself."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def _living(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.closed_at.is_(None), table.c.last_seen > now - IDLE, table.c.created_at > now - LONGEST)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _touch(app: App, id: int, now: datetime) -> None:
    seen = update(table).where(table.c.id == id, table.c.closed_at.is_(None), table.c.last_seen < now)
    try:
        with app.database.write() as connection:
            connection.execute(seen.values(last_seen=now))
    except Busy:
        return  # the next request will mark it; nobody has to wait for that


def _close(work: Work, ids: list[int], now: datetime) -> None:
    if ids:
        work.execute(update(table).where(table.c.id.in_(ids), table.c.closed_at.is_(None)).values(closed_at=now))


def _forget(work: Work, now: datetime) -> None:
    work.execute(delete(table).where(table.c.created_at < now - REMEMBERED))


def _session(row: Any, principal: Principal | None = None) -> Session:
    return Session(row.id, row.person_id, row.created_at, row.last_seen, row.address, row.user_agent, principal)
