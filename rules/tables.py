"""Tables of the rules room: latches, firings, ladder steps, and the periods that have run."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from engine.tables import Id, Instant, metadata

latch = Table(
    "g_latch",
    metadata,
    Column("rule", String(64), primary_key=True),
    Column("record_id", Id, primary_key=True, autoincrement=False),
    Column("active", Boolean, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("last_fired_at", Instant),
    Column("fire_count", Integer, nullable=False),
    Index("ix_g_latch_active", "rule", "active"),
)

firing = Table(
    "g_firing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("form", String(64), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("step", String(64)),
    Column("state", String(16), nullable=False),  # done, error, parked, held, dropped, superseded, suppressed, baseline
    Column("scheduled_for", Instant, nullable=False),
    Column("fired_at", Instant, nullable=False),
    Column("release_at", Instant),
    Column("attempt", Integer, nullable=False),
    Column("trace", JSON, nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("error", Text),
    Column("chain", String(32), nullable=False),
    Column("depth", Integer, nullable=False),
    Column("catalog", String(64), nullable=False),
    UniqueConstraint("key"),
    Index("ix_g_firing_record", "form", "record_id"),
    Index("ix_g_firing_rule", "rule", "fired_at"),
    Index("ix_g_firing_held", "release_at"),
)

ladder_step = Table(
    "g_ladder_step",
    metadata,
    Column("ladder", String(64), primary_key=True),
    Column("record_id", Id, primary_key=True, autoincrement=False),
    Column("step", String(64), primary_key=True),
    Column("anchor", Date, primary_key=True),
    Column("covers", Date, nullable=False),  # an anchor up to this day counts as served by this step
    Column("state", String(16), nullable=False),  # fired, superseded, skipped
    Column("at", Instant, nullable=False),
)

period = Table(
    "g_rule_period",
    metadata,
    Column("rule", String(64), primary_key=True),
    Column("period", String(32), primary_key=True),
    Column("ran_at", Instant, nullable=False),
)

known = Table(
    "g_rule_known",
    metadata,
    Column("rule", String(64), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("hash", String(64), nullable=False),
)
