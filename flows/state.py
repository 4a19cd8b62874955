"""State: what one instance has alive right now, in memory; an action changes it and the store writes it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LIVE = ("open", "waiting")
RUNNING = ("running", "returned")


@dataclass(slots=True, eq=False)
class Instance:
    """One run of a flow on one record."""

    version_id: int
    flow: str
    form: str
    record_id: int
    title: str
    starter_id: int | None
    started_at: datetime
    id: int = 0
    status: str = "running"
    round: int = 1
    decided: int = 0
    event_seq: int = 0
    incident: str | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    urged_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def live(self) -> bool:
        return self.status in RUNNING


@dataclass(slots=True, eq=False)
class Token:
    """A place in the block tree; a forked token waits for its branches."""

    parent: Token | None
    branch: int
    step: str
    id: int = 0
    status: str = "active"
    pending: int = 0
    branches: int = 0
    failed: int = 0
    before: int | None = None
    resume: Mapping[str, Any] | None = None
    last: Visit | None = None  # the visit that becomes `before` when it was made in this very action

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    def within(self, other: Token) -> bool:
        """Whether this is the other token or came from it by a split."""
        token: Token | None = self
        while token is not None and token is not other:
            token = token.parent
        return token is other


@dataclass(slots=True, eq=False)
class Visit:
    """One entry of a token into a step; coming back later is another visit."""

    token: Token
    step: str
    kind: str
    round: int
    rule: Mapping[str, Any]
    entered_at: datetime
    id: int = 0
    parent_task: Task | None = None
    previous: Visit | int | None = None
    status: str = "open"
    outcome: str | None = None
    total: int = 0
    agreed: int = 0
    refused: int = 0
    live: int = 0
    left_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Task:
    """One person's part of a visit, or that of a pool."""

    visit: Visit
    step: str
    kind: str
    title: str
    label: str
    round: int
    created_at: datetime
    id: int = 0
    pos: int = 0
    assignee_id: int | None = None
    owner_id: int | None = None
    barred_id: int | None = None
    why: str = ""
    status: str = "open"
    decision: str | None = None
    opinion: str | None = None
    reason: str | None = None
    armed_at: datetime | None = None
    due_at: datetime | None = None
    next_timer_at: datetime | None = None
    timer_step: int = 0
    hops: int = 0
    closed_at: datetime | None = None
    closed_by: int | None = None
    pool: tuple[tuple[str, str], ...] = ()  # only on new tasks; afterwards rows of their own

    def __post_init__(self) -> None:
        self.armed_at = self.armed_at or self.created_at

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass(slots=True, eq=False)
class Fact:
    """One line of the story of an instance; tasks and visits in the payload are written as their ids."""

    type: str
    step: str | None = None
    visit: Visit | None = None
    task: Task | None = None
    key: str | None = None
    actor: tuple[int | None, str] | None = None  # who, when it is not the one who acts
    record_version: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Message:
    """Words for people, with the task they are about where there is one."""

    people: list[int]
    title: str
    body: str = ""
    task: Task | None = None


@dataclass(slots=True, eq=False)
class State:
    """The working set of one action: everything alive, and what the action added."""

    instance: Instance
    tokens: list[Token] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    copied: dict[int, str] = field(default_factory=dict)  # person to the step that copies them
    incidents: list[tuple[str, str]] = field(default_factory=list)  # step, text

    @property
    def root(self) -> Token:
        return next(token for token in self.tokens if token.parent is None)

    def live_tasks(self, visit: Visit | None = None) -> Iterator[Task]:
        """Tasks that still wait for somebody, in the order of their positions."""
        return (task for task in self.tasks if task.live and (visit is None or task.visit is visit))

    def task(self, id: int) -> Task | None:
        return next((task for task in self.tasks if task.id == id), None)
