"""What the rules room brings to an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from engine.room import DocumentKind, Room
from rules import climb, firings, latches, passes, react
from rules.compile import compile_rules
from rules.rule import Declared, Ladder, Rule
from rules.tables import known

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work


def prepare(work: Work, old: Catalog | None, new: Catalog) -> None:
    """Take note of rules that are new: those with a baseline do not speak about the past (R9)."""
    seen = {row.rule: row.hash for row in work.execute(select(known.c.rule, known.c.hash))}
    for rule in new["rule"].values():
        if rule.id not in seen:
            work.execute(insert(known).values(rule=rule.id, since=work.now, hash=rule.hash))
            _baseline(work, rule)
        elif seen[rule.id] != rule.hash:
            work.execute(update(known).where(known.c.rule == rule.id).values(hash=rule.hash))


def _baseline(work: Work, rule: Declared) -> None:
    if isinstance(rule, Rule) and rule.baseline and rule.fire.mode != "level":
        latches.enter(work, rule.id, passes.look(work, rule).entering, fired=False)
    elif isinstance(rule, Ladder) and rule.baseline:
        climb.baseline(work, rule)


ROOM = Room(
    name="rules",
    kinds=(DocumentKind("rule", "rules", lambda: {"type": "object"}, compile_rules),),
    subscribers=(react.subscriber,),
    due=(firings.run_due,),
    prepare=prepare,
)
