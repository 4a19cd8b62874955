"""Outbox: messages to the outside world, written with what they tell of and delivered after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, Integer, String, Table, Text

from engine import jobs, jsontext
from engine.channels import Message, channels
from engine.tables import Id, Instant, Json, metadata

if TYPE_CHECKING:
    from engine.app import App
    from engine.claims import Claimed
    from engine.work import Work

table = Table(
    "g_outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("state", String(10), nullable=False),  # waiting, sent, or shown: kept here because nothing delivers it
    Column("attempts", Integer, nullable=False),
    Column("job_id", Id, nullable=False),
    Column("cause_kind", String(20), nullable=False),
    Column("cause_id", String(200), nullable=False),
    Column("chain", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
)
Index("ix_g_outbox_job_id", table.c.job_id)

_INSERT = """INSERT INTO g_outbox (channel, recipient, subject, body, data, key, state, attempts, job_id, cause_kind,
    cause_id, chain, created_at)
VALUES (:channel, :recipient, :subject, :body, :data, :key, 'waiting', 0, :job_id, :cause_kind, :cause_id, :chain, :at)
RETURNING id"""
_BY_KEY = "SELECT id FROM g_outbox WHERE key = :key"
_MESSAGE = "SELECT channel, recipient, subject, body, data, key FROM g_outbox WHERE key = :key"
_CLOSE = "UPDATE g_outbox SET state = :state, attempts = :attempts, sent_at = :sent_at WHERE key = :key"


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
    from engine.principal import SYSTEM

    with app.work(SYSTEM, cause=claimed.cause, read=True) as work:
        row = work.driver(_MESSAGE, {"key": payload["key"]}).fetchone()
    message = Message(row[0], row[1], row[2], row[3], jsontext.load(row[4]), row[5])
    outcome = channels[message.channel]().deliver(message, lambda: claimed.hand_over(app))
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
        sent_at = work.bind(work.now) if outcome == "sent" else None
        work.driver(_CLOSE, {"state": outcome, "attempts": claimed.attempt, "sent_at": sent_at, "key": payload["key"]})
