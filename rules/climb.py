"""Climb: take each record to the step of its ladder that is due, once per step and date (R5, R6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from rules import latches, sets
from rules.perform import Performance
from rules.rule import Ladder, LadderStep
from rules.tables import ladder_step

if TYPE_CHECKING:
    from engine.work import Work

SEARCH = 40  # days that holidays can move a step by
PIECE = 200  # steps written by one statement


@dataclass(frozen=True)
class Due:
    """A record whose step is due, and the value of its anchor at that moment."""

    record_id: int
    anchor: date
    step: LadderStep


def latest_anchor(work: Work, ladder: Ladder, step: LadderStep) -> date:
    """The latest anchor for which the step is due today; what lies before it is due, too."""
    anchor = work.today - timedelta(days=step.offset)
    if step.unit == "days" and step.roll == "none":
        return anchor
    calendar = work.catalog.calendar(ladder.calendar)
    candidate = anchor + timedelta(days=SEARCH)
    while due_on(calendar, step, candidate) > work.today:
        candidate -= timedelta(days=1)
    return candidate


def due_on(calendar, step: LadderStep, anchor: date) -> date:  # type: ignore[no-untyped-def]
    """The day on which a step falls due for this anchor."""
    if step.unit == "workdays":
        day: date = calendar.add_workdays(anchor, step.offset)
    else:
        day = anchor + timedelta(days=step.offset)
    return calendar.roll(day, step.roll)  # type: ignore[no-any-return]


def look(work: Work, ladder: Ladder) -> tuple[list[Due], list[int]]:
    """Find, on one snapshot, the steps that are due and the records that have left the ladder.

    With `catch_up: latest` a record is found on its highest due step only.
    """
    bounds = _covers(work, ladder)
    found: list[Due] = []
    following: date | None = None
    for step in reversed(ladder.steps):
        after = following if ladder.catch_up != "each" else None
        oldest = bounds[step.id] - timedelta(days=ladder.max_age) if ladder.max_age is not None else None
        rows = sets.due(work, ladder, step, bounds[step.id], after, oldest)
        found += [Due(record_id, anchor, step) for record_id, anchor in rows]
        following = bounds[step.id]
    order = {step.id: position for position, step in enumerate(ladder.steps)}
    found.sort(key=lambda due: (order[due.step.id], due.record_id))
    return found, sets.left_ladder(work, ladder)


def look_at(work: Work, ladder: Ladder, ids: Collection[int]) -> tuple[list[Due], list[int]]:
    """Find the same for these records only, in three queries."""
    bounds = _covers(work, ladder)
    active = {id for id, seen in latches.of(work, ladder.id, list(ids)).items() if seen.active}
    passed = _passed(work, ladder.id, ids)
    found: list[Due] = []
    left: list[int] = []
    for id, alive, anchor, holds, *whens in sets.on_ladder(work, ladder, ids):
        if id in active and (not alive or (holds is not None and not holds)):
            left.append(id)
        if not (alive and holds) or anchor is None:
            continue
        day = sets.day(anchor)
        due = [index for index, step in enumerate(ladder.steps) if day <= bounds[step.id]]
        for index in due if ladder.catch_up == "each" else due[-1:]:
            step = ladder.steps[index]
            old = ladder.max_age is not None and day <= bounds[step.id] - timedelta(days=ladder.max_age)
            if whens[index] and not old and not _has_passed(passed.get((id, step.id), ()), day):
                found.append(Due(id, day, step))
    return found, left


def _passed(work: Work, ladder: str, ids: Collection[int]) -> dict[tuple[int, str], list[tuple[date, date]]]:
    """Per record and step the anchors for which it was passed, and up to which anchor that counts."""
    columns = (ladder_step.c.record_id, ladder_step.c.step, ladder_step.c.anchor, ladder_step.c.covers)
    wanted = select(*columns).where(ladder_step.c.ladder == ladder, ladder_step.c.record_id.in_(list(ids)))
    rows: list[Any] = list(work.execute(wanted))
    found: dict[tuple[int, str], list[tuple[date, date]]] = {}
    for record_id, step, anchor, covers in rows:
        found.setdefault((record_id, step), []).append((anchor, covers))
    return found


def _has_passed(passed: Iterable[tuple[date, date]], day: date) -> bool:
    return any(anchor == day or covers >= day for anchor, covers in passed)


def step_up(work: Work, ladder: Ladder, due: Sequence[Due], scheduled_for: datetime) -> int:
    """Fire these steps, as far as no other process was faster, and mark the lower ones superseded."""
    ids = sorted({one.record_id for one in due})
    performance = Performance(work, ladder, ladder.condition, scheduled_for, ids)
    latches.enter(work, ladder.id, ids, fired=True)
    own = _claim(work, ladder, due, "fired")
    climbed = [one for one in due if one in own]
    for one in climbed:
        performance.fire(one.record_id, _key(ladder, one), one.anchor.toordinal(), one.step.do, step=one.step.id)
    if ladder.catch_up == "latest":
        lower = [Due(one.record_id, one.anchor, step) for one in climbed for step in _below(ladder, one.step)]
        for one in _claim(work, ladder, lower, "superseded"):
            performance.note(one.record_id, _key(ladder, one), one.anchor.toordinal(), "superseded", step=one.step.id)
    performance.close()
    return len(performance.entries)


def baseline(work: Work, ladder: Ladder) -> int:
    """Take note of steps that are due already, without doing them."""
    due, _ = look(work, ladder)
    latches.enter(work, ladder.id, sorted({one.record_id for one in due}), fired=False)
    passed = [Due(one.record_id, one.anchor, step) for one in due for step in (one.step, *_below(ladder, one.step))]
    _claim(work, ladder, passed, "skipped")
    return len(due)


def steps_of(work: Work, ladder: str, record_id: int) -> dict[tuple[str, date], str]:
    """The state of each step that a record has passed, by step and anchor."""
    rows = work.execute(
        select(ladder_step.c.step, ladder_step.c.anchor, ladder_step.c.state).where(
            ladder_step.c.ladder == ladder, ladder_step.c.record_id == record_id
        )
    )
    return {(row.step, row.anchor): row.state for row in rows}


def _below(ladder: Ladder, step: LadderStep) -> tuple[LadderStep, ...]:
    return ladder.steps[: ladder.steps.index(step)]


def _covers(work: Work, ladder: Ladder) -> dict[str, date]:
    """Per step the latest anchor that a firing of today serves; a later date asks for the step anew."""
    return {step.id: latest_anchor(work, ladder, step) for step in ladder.steps}


def _key(ladder: Ladder, due: Due) -> str:
    return f"{ladder.id}:{due.record_id}:{due.anchor:%Y%m%d}:{due.step.id}"


def _claim(work: Work, ladder: Ladder, due: Sequence[Due], state: str) -> list[Due]:
    """Write the rows of these steps and answer those that did not stand already, so each step happens once."""
    insert = (postgresql if work.dialect == "postgresql" else sqlite).insert(ladder_step)
    covers = _covers(work, ladder)
    claimed: list[Due] = []
    for at in range(0, len(due), PIECE):
        piece = {(one.record_id, one.step.id, one.anchor): one for one in due[at : at + PIECE]}
        rows = [
            {
                "ladder": ladder.id,
                "record_id": id,
                "step": step,
                "anchor": anchor,
                "covers": covers[step],
                "state": state,
                "at": work.now,
            }
            for id, step, anchor in piece
        ]
        statement = insert.values(rows).on_conflict_do_nothing()
        columns = (ladder_step.c.record_id, ladder_step.c.step, ladder_step.c.anchor)
        new = {tuple(row) for row in work.execute(statement.returning(*columns))}
        claimed += [one for key, one in piece.items() if key in new]
    return claimed
