"""Tables of the flows room: versions, instances with their tokens, visits and tasks, and what happened to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text
from sqlalchemy.event import listen

from engine.tables import Id, Instant, Json, metadata

LIVE = text("status IN ('open', 'waiting')")

version = Table(
    "g_flow_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("flow", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("source", Text, nullable=False),  # the YAML as it was published; immutable
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("flow", "number"),
    Index("ix_g_flow_version_hash", "flow", "hash"),
)

instance = Table(
    "g_instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version_id", Id, ForeignKey("g_flow_version.id"), nullable=False),
    Column("flow", String(64), nullable=False),
    Column("form", String(64), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("title", String(400), nullable=False),
    Column("status", String(16), nullable=False),  # running, returned, approved, rejected, withdrawn, terminated
    Column("starter_id", Id),
    Column("round", Integer, nullable=False),  # goes up with every return
    Column("decided", Integer, nullable=False),  # decisions by people so far; what withdraw asks
    Column("event_seq", Integer, nullable=False),
    Column("incident", Text),  # why it is stuck, in words; empty while all is well
    Column("seen", Json, nullable=False),  # values that write-backs expect to find, by step
    Column("urged_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_g_instance_record", "form", "record_id"),
    Index(
        "uq_g_instance_live",
        "flow",
        "form",
        "record_id",
        unique=True,
        sqlite_where=text("status IN ('running', 'returned')"),
        postgresql_where=text("status IN ('running', 'returned')"),
    ),
    Index("ix_g_instance_starter", "starter_id", "id"),
)

token = Table(
    "g_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("g_instance.id"), nullable=False),
    Column("parent_id", Id),
    Column("branch", Integer, nullable=False),  # index of the case it runs, 0 for the root
    Column("step", String(64), nullable=False),  # where it stands; the block while it is forked
    Column("status", String(16), nullable=False),  # active, forked, stuck, done, cancelled
    Column("pending", Integer, nullable=False),  # branches that have not arrived yet
    Column("branches", Integer, nullable=False),  # how many were started
    Column("failed", Integer, nullable=False),  # branches that ended with a rejection
    Column("before", Id),  # the last human visit on the way here
    Column("resume", Json),  # where to go after a return that was answered, and what must not have changed
    Index(
        "ix_g_token_live",
        "instance_id",
        sqlite_where=text("status IN ('active', 'forked', 'stuck')"),
        postgresql_where=text("status IN ('active', 'forked', 'stuck')"),
    ),
)

visit = Table(
    "g_visit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("g_instance.id"), nullable=False),
    Column("token_id", Id, nullable=False),
    Column("step", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # step, before or after (added signers), wait
    Column("round", Integer, nullable=False),
    Column("parent_task_id", Id),  # the task whose holder added these signers
    Column("previous", Id),  # the human visit before this one on the same way
    Column("rule", Json, nullable=False),  # how votes are counted
    Column("status", String(16), nullable=False),  # open, done, cancelled
    Column("outcome", String(16)),
    Column("total", Integer, nullable=False),
    Column("agreed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("live", Integer, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Index("ix_g_visit_step", "instance_id", "step", "id"),
    Index(
        "ix_g_visit_open", "instance_id", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")
    ),
)

task = Table(
    "g_task",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("g_instance.id")),  # empty for single tasks
    Column("visit_id", Id),
    Column("step", String(64)),
    Column("kind", String(64), nullable=False),  # approve, revise, wait; for single tasks the kind the rule gives
    Column("title", String(400), nullable=False),
    Column("label", String(200), nullable=False),  # the label of the step, or of the kind of a single task
    Column("form", String(64)),
    Column("record_id", Id),
    Column("pos", Integer, nullable=False),
    Column("assignee_id", Id),  # empty while nobody has claimed a task of a pool
    Column("owner_id", Id),  # the first holder, kept when it changes hands
    Column("barred_id", Id),  # may not act although the pool holds them: the starter
    Column("why", String(400), nullable=False),
    Column("status", String(16), nullable=False),  # open, waiting, done, cancelled, skipped
    Column("decision", String(32)),
    Column("opinion", Text),
    Column("reason", String(200)),  # why it was cancelled or skipped
    Column("round", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("armed_at", Instant, nullable=False),  # where its limits count from
    Column("due_at", Instant),
    Column("next_timer_at", Instant),
    Column("timer_step", Integer, nullable=False),
    Column("hops", Integer, nullable=False),  # how often a limit handed it over
    Column("closed_at", Instant),
    Column("closed_by", Id),
    Column("source", String(200)),  # single tasks: what made it; unique
    Column("options", Json),  # single tasks: results to choose from, id to label
    Column("needs", Json),  # single tasks: what must be there before it can be finished
    UniqueConstraint("source"),
    Index("ix_g_task_visit", "visit_id", "pos"),
    Index("ix_g_task_live", "instance_id", sqlite_where=LIVE, postgresql_where=LIVE),
    Index("ix_g_task_inbox", "assignee_id", "due_at", "id", sqlite_where=LIVE, postgresql_where=LIVE),
    Index("ix_g_task_closed_by", "closed_by", "closed_at"),
    Index("ix_g_task_record", "form", "record_id"),
    Index(
        "ix_g_task_timer",
        "next_timer_at",
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
)

# Who may take a task of a pool: a role, or persons by id.
candidate = Table(
    "g_task_candidate",
    metadata,
    Column("task_id", Id, ForeignKey("g_task.id"), primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),  # role, person
    Column("ref", String(64), primary_key=True),
    Index("ix_g_task_candidate_ref", "kind", "ref", "task_id"),
)

copy = Table(
    "g_copy",
    metadata,
    Column("instance_id", Id, ForeignKey("g_instance.id"), primary_key=True, autoincrement=False),
    Column("person_id", Id, primary_key=True, autoincrement=False),
    Column("step", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("ix_g_copy_person", "person_id", "at"),
)

flow_event = Table(
    "g_flow_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("g_instance.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("type", String(32), nullable=False),
    Column("actor_id", Id),
    Column("actor", String(200), nullable=False),
    Column("step", String(64)),
    Column("visit_id", Id),
    Column("task_id", Id),
    Column("action_key", String(80)),
    Column("record_version", Integer),
    Column("payload", Json, nullable=False),
    UniqueConstraint("instance_id", "seq"),
    UniqueConstraint("instance_id", "action_key"),
)

# The form as the person who decided saw it; for print and audit.
snapshot = Table(
    "g_snapshot",
    metadata,
    Column("instance_id", Id, ForeignKey("g_instance.id"), primary_key=True, autoincrement=False),
    Column("record_version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("data", Json, nullable=False),
)

incident = Table(
    "g_incident",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("g_instance.id"), nullable=False),
    Column("step", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Id),
    Index("ix_g_incident_open", "instance_id"),
)

_REFUSE = """CREATE TRIGGER {name}_{verb} BEFORE {verb} ON {name}
BEGIN SELECT RAISE(ABORT, '{name} is only added to'); END"""
_FUNCTION = """CREATE OR REPLACE FUNCTION g_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$"""
_TRIGGER = """CREATE TRIGGER {name}_added BEFORE UPDATE OR DELETE ON {name}
FOR EACH ROW EXECUTE FUNCTION g_only_added_to()"""

_ddl: Any = DDL  # has no types
for _table in (flow_event, snapshot):
    for _verb in ("UPDATE", "DELETE"):
        _sql = _REFUSE.format(name=_table.name, verb=_verb)
        listen(_table, "after_create", _ddl(_sql).execute_if(dialect="sqlite"))
    for _sql in (_FUNCTION, _TRIGGER.format(name=_table.name)):
        listen(_table, "after_create", _ddl(_sql.replace("%", "%%")).execute_if(dialect="postgresql"))
