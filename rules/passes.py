"""Passes: one look at a rule over its records: what has entered its condition, what has left it, what repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from rules import journal, latches, leaving, sets
from rules.perform import Performance
from rules.rule import Rule

if TYPE_CHECKING:
    from engine.work import Work

BATCH = 200


@dataclass
class Look:
    """What a look at a rule found on one snapshot; nothing has been done yet."""

    entering: list[int] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)
    repeating: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.entering or self.leaving or self.repeating)


def look(work: Work, rule: Rule) -> Look:
    """Find what the rule has to do, over all records."""
    assert rule.when
    if rule.fire.mode == "level":
        return Look(entering=sets.holding(work, rule.form, rule.when))
    return Look(
        entering=sets.entering(work, rule),
        leaving=[] if rule.rearm.mode == "never" else sets.leaving(work, rule),
        repeating=sets.repeating(work, rule) if rule.fire.mode == "every" else [],
    )


def look_at(work: Work, rule: Rule, ids: Collection[int]) -> Look:
    """Find what the rule has to do for these records, by one query."""
    assert rule.when
    if rule.fire.mode == "level":
        return Look(entering=sets.holding(work, rule.form, rule.when, ids))
    found = Look()
    for id, alive, holds, out, active, count, lately, again in sets.states(work, rule, ids):
        if active:
            if rule.rearm.mode != "never" and (out or not alive):
                found.leaving.append(id)
            elif rule.fire.mode == "every" and alive and holds and again and _more(rule, count):
                found.repeating.append(id)
        elif (
            alive
            and holds
            and not (rule.rearm.mode == "never" and count)
            and not (rule.rearm.mode == "after" and lately)
        ):
            found.entering.append(id)
    return found


def _more(rule: Rule, count: int) -> bool:
    return rule.fire.most is None or count < rule.fire.most


def enter(work: Work, rule: Rule, ids: Sequence[int], scheduled_for: datetime, period: str) -> int:
    """Fire for these records, as far as no other process was faster; answer how many fired."""
    performance = Performance(work, rule, rule.when, scheduled_for, ids)
    if rule.fire.mode == "level":
        keys = {f"{rule.id}:{record_id}:{period}": record_id for record_id in ids}
        done = journal.standing(work, keys)
        for key, record_id in keys.items():
            if key not in done:
                performance.fire(record_id, key, 0, rule.do)
    else:
        episodes = latches.enter(work, rule.id, ids, fired=True)
        for record_id in ids:
            if record_id in episodes:
                episode = episodes[record_id]
                performance.fire(record_id, f"{rule.id}:{record_id}:{episode}", episode, rule.do)
    performance.close()
    return len(performance.entries)


def repeat(work: Work, rule: Rule, ids: Sequence[int], scheduled_for: datetime) -> int:
    """Fire again within the episode, as far as no other process was faster."""
    performance = Performance(work, rule, rule.when, scheduled_for, ids)
    for record_id, seen in latches.of(work, rule.id, ids).items():
        if _is_due(work, rule, seen) and latches.again(work, rule.id, record_id, seen):
            key = f"{rule.id}:{record_id}:{seen.episode}.{seen.fire_count}"
            performance.fire(record_id, key, seen.episode, rule.do)
    performance.close()
    return len(performance.entries)


def _is_due(work: Work, rule: Rule, seen: latches.Latch) -> bool:
    """Whether a repetition that was found due on an earlier snapshot still is."""
    assert rule.fire.distance is not None
    late = seen.last_fired_at is not None and seen.last_fired_at < sets.ago(work, rule.fire.distance)
    return seen.active and late and _more(rule, seen.fire_count)


def act(work: Work, rule: Rule, found: Look, scheduled_for: datetime, period: str) -> int:
    """Do all that a look found, in this transaction."""
    done = leaving.leave(work, rule, found.leaving, scheduled_for)
    done += enter(work, rule, found.entering, scheduled_for, period)
    return done + repeat(work, rule, found.repeating, scheduled_for)


def batches(found: Look) -> Iterator[Look]:
    """Cut a look into pieces that each fit one transaction."""
    for ids in _chunks(found.leaving):
        yield Look(leaving=ids)
    for ids in _chunks(found.entering):
        yield Look(entering=ids)
    for ids in _chunks(found.repeating):
        yield Look(repeating=ids)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while piece := list(islice(iterator, BATCH)):
        yield piece
