"""Why: what explains a difference, in the words of the engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.principal import SYSTEM
from forms import records
from rules import firings
from rules.rule import DecisionTable, Ladder
from ui.scenarios.names import kinds

if TYPE_CHECKING:
    from engine.work import Work
    from rules.rule import Declared
    from ui.scenarios.stage import Stage

MOST = 30  # lines; what people read of a longer one is its beginning


def of_field(stage: Stage, work: Work, form_id: str, id: int, name: str) -> list[str]:
    """Why a field has its value: the sum behind a computed one, or the rules that write it."""
    field = stage.catalog["form"][form_id].fields.get(name)
    if field is None:
        return []
    if field.compute is not None:
        return _cut(field.compute.explain(records.get(work, form_id, id).env(work)).lines())
    told: list[str] = []
    for rule in stage.catalog["rule"].values():
        if (form_id, name) in _writes(rule):
            about = [id] if rule.form == form_id else stage.keys.get(rule.form, {}).values()
            told += [line for one in about for line in of_rule(work, rule, one)]
    return told


def of_item(stage: Stage, work: Work, wanted: Mapping[str, Any]) -> list[str]:
    """Why there is no such task: the rules that would open one, for each record that the story named."""
    kind: str | None = wanted.get("kind")
    told: list[str] = []
    for rule in stage.catalog["rule"].values() if kind else ():
        if kind in list(kinds(rule.source)):
            for key, id in stage.keys.get(rule.form, {}).items():
                told += [f"for {rule.form}.{key}:", *of_rule(work, rule, id)]
    return told


def of_rule(work: Work, rule: Declared, id: int) -> list[str]:
    """A rule and a record: does its condition hold, part by part, and what has it done."""
    acting = work.acting(SYSTEM, work.cause)
    found = firings.explain(acting, rule.id, id)
    state = "" if found.enabled else ", switched off by a setting"
    lines = [f"rule {rule.id} ({rule.label}): fired {len(found.firings)} times for it{state}"]
    if found.trace is not None:
        lines += [f"  {line}" for line in _cut(found.trace.lines())]
    if isinstance(rule, Ladder):
        lines += [f"  step {step['id']} on {step['on']}: {step['state']}" for step in found.steps]
    return lines


def _writes(rule: Declared) -> set[tuple[str, str]]:
    """The (form, field) pairs that a rule gives new values."""
    if isinstance(rule, DecisionTable):
        return {(rule.form, rule.target)}
    actions = [*getattr(rule, "do", ()), *getattr(rule, "on_exit", ())]
    actions += [action for step in getattr(rule, "steps", ()) for action in step.do]
    return {pair for action in actions for pair in action.writes()}


def _cut(lines: Iterator[str]) -> list[str]:
    told = list(lines)
    return told if len(told) <= MOST else [*told[:MOST], f"... {len(told) - MOST} more lines"]
