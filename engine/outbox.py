"""Outbox: messages to the outside world, written with what they tell of and delivered after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, String, Table, Text, case, select

from engine import jobs, jsontext, trays
from engine.channels import Message, channels
from engine.errors import DeliveryError
from engine.principal import SYSTEM
from engine.tables import Id, Instant, Json, metadata, read_instant

if TYPE_CHECKING:
    from engine.app import App
    from engine.claims import Claimed
    from engine.work import Work

table = Table(
    "g_outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("state", String(10), nullable=False),  # waiting, sent, or shown: nothing is set up to deliver it
    Column("job_id", Id, nullable=False),
    Column("cause_kind", String(20), nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
)
Index("ix_g_outbox_job_id", table.c.job_id)

_INSERT = """INSERT INTO g_outbox (channel, recipient, subject, body, data, key, state, job_id, cause_kind,
    cause_id, chain, created_at)
VALUES (:channel, :recipient, :subject, :body, :data, :key, 'waiting', :job_id, :cause_kind, :cause_id, :chain, :at)
RETURNING id"""
_BY_KEY = "SELECT id FROM g_outbox WHERE key = :key"
_MESSAGE = "SELECT channel, recipient, subject, body, data, key, created_at FROM g_outbox WHERE key = :key"
_CLOSE = "UPDATE g_outbox SET state = :state, sent_at = :sent_at WHERE key = :key"
_CONFIRM = "UPDATE g_outbox SET state = 'sent', sent_at = :at WHERE job_id = :job_id"


@dataclass(frozen=True, slots=True)
class Row:
    """One message as people see it; `state` is waiting, sent, shown, failed, uncertain or skipped."""

    id: int
    channel: str
    recipient: str
    subject: str
    body: str
    data: Mapping[str, Any]
    key: str
    state: str
    attempts: int
    error: str | None
    job_id: int
    cause_kind: str
    cause_id: str
    created_at: datetime
    sent_at: datetime | None


def send(
    work: Work, channel: str, to: str, *, subject: str, body: str, key: str, data: Mapping[str, Any] | None = None
) -> int:
    """Write one message and the job that delivers it; the same key again answers the first one's id."""
    job_id = jobs.put(work, "deliver", {"key": key}, key=f"outbox:{key}")
    if job_id is None:
        return int(work.driver(_BY_KEY, {"key": key}).fetchone()[0])
    row = {"channel": channel, "recipient": to, "subject": subject, "body": body, "key": key, "job_id": job_id,
           "data": jsontext.dump(data or {})}  # fmt: skip
    return int(work.driver(_INSERT, {**work.stamp, **row}).fetchone()[0])


def deliver(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
    """Deliver one message; the handler of jobs of kind `deliver`."""
    with app.work(SYSTEM, cause=claimed.cause, read=True) as work:
        row = work.driver(_MESSAGE, {"key": payload["key"]}).fetchone()
    message = Message(row[0], row[1], row[2], row[3], jsontext.load(row[4]), row[5], read_instant(row[6]))
    channels.plug_in()
    if message.channel not in channels:
        raise DeliveryError(f"there is no channel {message.channel!r} here", permanent=True)
    outcome = channels[message.channel]().deliver(message, lambda: claimed.hand_over(app))
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
        sent_at = work.bind(work.now) if outcome == "sent" else None
        work.driver(_CLOSE, {"state": outcome, "sent_at": sent_at, "key": message.key})


def confirm(work: Work, job_id: int, reason: str) -> None:
    """Say of an uncertain message that it was delivered; the reason is kept in the audit log."""
    trays.settle(work, job_id, reason)
    work.driver(_CONFIRM, {"job_id": job_id, "at": work.bind(work.now)})


def rows(
    work: Work, *, limit: int = 50, before: int | None = None, channel: str | None = None, recipient: str | None = None
) -> list[Row]:
    """Return messages, newest first; `before` is the id to go on from. Whoever shows them has asked who may look."""
    o, j = table.c, jobs.table.c
    state = case({"dead": "failed", "uncertain": "uncertain", "cancelled": "skipped"}, value=j.state, else_=o.state)
    found = select(
        o.id, o.channel, o.recipient, o.subject, o.body, o.data, o.key, o.job_id, o.cause_kind, o.cause_id,
        o.created_at, o.sent_at, state.label("state"), j.attempt.label("attempts"), j.last_error.label("error"),
    ).join_from(table, jobs.table, o.job_id == j.id)  # fmt: skip
    if before is not None:
        found = found.where(o.id < before)
    if channel is not None:
        found = found.where(o.channel == channel)
    if recipient is not None:
        found = found.where(o.recipient == recipient)
    return [Row(**row._mapping) for row in work.execute(found.order_by(o.id.desc()).limit(limit))]
