"""Cycles: rules that feed each other are found when the app is checked, not when it runs (R11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.errors import ConfigError, Problems
from engine.source import Document
from rules.rule import DecisionTable, Declared, Ladder, Rule

if TYPE_CHECKING:
    from engine.catalog import Catalog

Slot = tuple[str, str]  # form, field


def check(
    catalog: Catalog, rules: Mapping[str, Declared], documents: Mapping[str, Document], problems: Problems
) -> None:
    """Refuse a circle of rules in which each reacts at once to what the one before it writes."""
    writes = {name: _writes(rule) for name, rule in rules.items()}
    reads = {name: _reads(catalog, rule) for name, rule in rules.items() if rule.changes}
    edges = {
        name: [other for other in reads if writes[name] & reads[other] and not _settles(rules[other], name == other)]
        for name in rules
    }
    for circle in _circles(edges):
        mark = documents[circle[0]].mark()
        path = " -> ".join([*circle, circle[0]])
        hint = "let one of them run on a schedule, or fire once"
        problems.add(ConfigError(f"rules feed each other: {path}", mark, hint))


def _settles(rule: Declared, itself: bool) -> bool:
    """An edge-triggered rule or a decision table comes to rest by itself."""
    return isinstance(rule, DecisionTable | Ladder) or (isinstance(rule, Rule) and rule.fire.mode != "level")


def _writes(rule: Declared) -> frozenset[Slot]:
    if isinstance(rule, DecisionTable):
        return frozenset({(rule.form, rule.target)})
    actions = getattr(rule, "do", ()) + getattr(rule, "on_exit", ())
    for step in getattr(rule, "steps", ()):
        actions += step.do
    return frozenset(slot for action in actions for slot in action.writes())


def _reads(catalog: Catalog, rule: Declared) -> frozenset[Slot]:
    from rules.watch import slots

    return slots(catalog, rule)


def _circles(edges: Mapping[str, list[str]]) -> list[list[str]]:
    """Each circle once, from its first name."""
    found: list[list[str]] = []
    for start in sorted(edges):
        stack = [(start, [start])]
        seen: set[str] = set()
        while stack:
            name, path = stack.pop()
            for following in edges.get(name, ()):
                if following == start:
                    found.append(path)
                    stack.clear()
                    break
                if following > start and following not in seen:
                    seen.add(following)
                    stack.append((following, [*path, following]))
    return found
