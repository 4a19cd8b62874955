"""Numbers: how many records somebody sees, and how often rules have fired since the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from forms import records
from rules.tables import firing
from ui.scenarios.checks.base import Check, Difference, check_types

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Path, Step
    from ui.scenarios.stage import Stage

COUNT = {"type": "integer", "minimum": 0}


@check_types.register("rows")
class Rows(Check):
    """How many records there are, as whoever is named with `as` sees them.

    expect: {rows: {receivable: 3, customer: {where: grade == 'a', count: 1}}}
    """

    schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [
                COUNT,
                {
                    "type": "object",
                    "properties": {"where": {"type": "string", "description": "条件 / condition"}, "count": COUNT},
                    "required": ["where", "count"],
                    "additionalProperties": False,
                },
            ]
        },
        "description": "表单 → 可见记录数 / form, then how many records are seen",
    }

    def link(self, names: Names, expected: Any, path: Path) -> None:
        for form in expected:
            names.form(form, (*path, form))

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        found = []
        for form, wanted in expected.items():
            where = wanted["where"] if isinstance(wanted, Mapping) else None
            count = wanted["count"] if isinstance(wanted, Mapping) else wanted
            there = records.find(work, form, where=where, limit=1, count="exact").total
            if there != count:
                said = f"rows of {form}{f' where {where}' if where else ''}: expected {count}, found {there}"
                found.append(Difference(step.path("expect", self.name, form), said))
        return found


@check_types.register("fired")
class Fired(Check):
    """How often rules have fired since the beginning; of a ladder, how often a step.

    expect: {fired: {overdue_watch: 1, ladder_standard: {overdue: 1}}}
    """

    schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [COUNT, {"type": "object", "minProperties": 1, "additionalProperties": COUNT}]
        },
        "description": "规则 → 触发次数 / rule, then how often it fired",
    }

    def link(self, names: Names, expected: Any, path: Path) -> None:
        for rule in expected:
            names.rule(rule, (*path, rule))

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        rows = work.execute(
            select(firing.c.rule, firing.c.step, func.count().label("fired"))
            .where(firing.c.state.in_(["done", "held", "error", "parked"]))
            .group_by(firing.c.rule, firing.c.step)
        )
        there: dict[str, dict[str | None, int]] = {}
        for row in rows:
            there.setdefault(row.rule, {})[row.step] = row.fired
        found = []
        for rule, wanted in expected.items():
            parts = there.get(rule, {})
            if isinstance(wanted, Mapping):
                wrong = [(f"{rule}.{part}", n, parts.get(part, 0)) for part, n in wanted.items()]
            else:
                wrong = [(rule, wanted, sum(n for part, n in parts.items() if part != "exit"))]
            found += [
                Difference(step.path("expect", self.name, rule), f"{name} fired: expected {n}, found {m} times")
                for name, n, m in wrong
                if n != m
            ]
        return found
