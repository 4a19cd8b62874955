"""The numbers of reports, as whoever is named with `as` sees them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reports import results
from ui.scenarios import seen
from ui.scenarios.checks.base import Check, Difference, check_types

if TYPE_CHECKING:
    from engine.work import Work
    from reports.result import Result
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Path, Step
    from ui.scenarios.stage import Stage

NUMBER = {"type": ["number", "null"]}


@check_types.register("widgets")
class Widgets(Check):
    """What widgets show: one number, or a number for each group (and for each series of a group).

    expect: {widgets: {cockpit.balance: 80000, cockpit.grades: {A: 1, B: 2}}}
    """

    schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [
                NUMBER,
                {
                    "type": "object",
                    "additionalProperties": {"anyOf": [NUMBER, {"type": "object", "additionalProperties": NUMBER}]},
                },
            ]
        },
        "description": "报表.组件 → 数值 / report.widget, then what it shows",
    }

    def link(self, names: Names, expected: Any, path: Path) -> None:
        for text in expected:
            names.widget(text, (*path, text))

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        found = []
        for text, wanted in expected.items():
            report, widget = text.split(".", 1)
            there = _shown(results.compute(work, report, widget))
            if not _same(wanted, there):
                said = f"{text}: expected {seen.told(wanted)}, found {seen.told(there)}"
                found.append(Difference(step.path("expect", self.name, text), said))
        return found


def _shown(result: Result) -> Any:
    """A result as it is written in a scenario: groups and series by their labels."""
    if len(result.lines) == 1 and result.lines[0].key is None and not result.head:
        return result.lines[0].values[0]
    if len(result.series) == 1:
        return {line.label: line.values[0] for line in result.lines}
    labels = [series.label for series in result.series]
    return {line.label: dict(zip(labels, line.values, strict=True)) for line in result.lines}


def _same(wanted: Any, there: Any) -> bool:
    """Whether all that is expected is there; groups of nothing need not be named."""
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        named = all(name in there and _same(value, there[name]) for name, value in wanted.items())
        return named and all(_nothing(value) for name, value in there.items() if name not in wanted)
    if isinstance(wanted, Mapping) or isinstance(there, Mapping):
        return False
    if wanted is None or there is None:
        return wanted is there
    exact = Decimal(str(wanted))
    return Decimal(str(there)).quantize(exact) == exact if exact.as_tuple().exponent else Decimal(str(there)) == exact


def _nothing(value: Any) -> bool:
    return all(map(_nothing, value.values())) if isinstance(value, Mapping) else not value
