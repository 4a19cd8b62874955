"""React: look at the rules that a change concerns, in the transaction of the change (R10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules import climb, journal, leaving, passes, tabled, watch
from rules.rule import DecisionTable, Declared, Ladder, Rule

if TYPE_CHECKING:
    from engine.events import Event
    from engine.work import Work

CONVERGENCE = 2


@dataclass
class Chain:
    """What one chain of causes has already touched; each rule looks at a record once, and what that
    suppressed is looked at again on the final values."""

    seen: set[tuple[str, int]] = field(default_factory=set)
    suppressed: list[tuple[str, int]] = field(default_factory=list)
    depth: int = 0


def subscriber(work: Work, event: Event) -> None:
    """Let every rule that this event concerns look at the records it concerns.

    Data taken over from elsewhere (cause `initial`) is looked at by the next scheduled run, once it is complete.
    """
    if work.cause.kind == "initial":
        return
    if event.form is None or event.form not in work.catalog["form"] or not _speaks(event):
        return
    watched = watch.watching(work.catalog, event.form)
    if not watched:
        return
    chain: Chain = work.cache.setdefault(("rules.chain", work.cause.chain), Chain())
    chain.depth += 1
    try:
        for rule_id, found in watched:
            rule = work.catalog["rule"][rule_id]
            if rule.is_enabled(work):
                _look(work, chain, rule, sorted(watch.concerned(work, rule, found, event)))
        if chain.depth == 1:
            _converge(work, chain)
    finally:
        chain.depth -= 1
        if chain.depth == 0:
            chain.seen.clear()


def _speaks(event: Event) -> bool:
    """Whether the event is about records; of a batch only the one that tells of all together counts."""
    return event.name == "records.created" or (event.name.startswith("record.") and not event.data.get("batched"))


def _look(work: Work, chain: Chain, rule: Declared, ids: list[int]) -> None:
    fresh = [record_id for record_id in ids if (rule.id, record_id) not in chain.seen]
    chain.suppressed += [(rule.id, record_id) for record_id in ids if (rule.id, record_id) in chain.seen]
    if not fresh:
        return
    chain.seen.update((rule.id, record_id) for record_id in fresh)
    look_at(work, rule, fresh)


def look_at(work: Work, rule: Declared, ids: list[int]) -> int:
    """Look at one rule for these records and do what is found, now."""
    period = f"e{work.cause.chain[:12]}.{work.cause.depth}"
    if isinstance(rule, Rule):
        return passes.act(work, rule, passes.look_at(work, rule, ids), work.now, period)
    if isinstance(rule, Ladder):
        due, left = climb.look_at(work, rule, ids)
        done = leaving.leave(work, rule, left, work.now)
        return done + climb.step_up(work, rule, due, work.now)
    assert isinstance(rule, DecisionTable)
    return tabled.decide(work, rule, tabled.look(work, rule, ids), work.now)


def _converge(work: Work, chain: Chain) -> None:
    """Look once more where the chain came by again; what is left after that is noted, not lost."""
    for _ in range(CONVERGENCE):
        again = sorted(set(chain.suppressed))
        chain.suppressed.clear()
        if not again:
            return
        for rule_id, record_id in again:
            look_at(work, work.catalog["rule"][rule_id], [record_id])
    for rule_id, record_id in sorted(set(chain.suppressed)):
        key = f"{rule_id}:{record_id}:suppressed:{work.cause.chain}"
        entry = journal.Entry(key, rule_id, work.catalog["rule"][rule_id].form, record_id, 0, state="suppressed")
        journal.write(work, [entry])
