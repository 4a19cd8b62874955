"""Decision tables: a field whose value follows from rows of conditions."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.errors import ConfigError
from engine.expressions import Type, compile_expression
from engine.names import unknown
from forms.place import Place
from rules.rule import DecisionTable
from rules.triggers import trigger_types

BOOLEAN = Type("boolean")
BOUND = re.compile(r"^\s*(?P<name>[a-z_][a-z0-9_.]*)\s*(?P<sign><=|>=|<|>|==)\s*(?P<number>-?[0-9]+(\.[0-9]+)?)\s*$")


def compile_table(place: Place, common: dict[str, Any]) -> DecisionTable | None:
    """Compile one table; overlaps and gaps of number bounds are found here."""
    value = place.value
    parts = value["decide"].split(".")
    target = parts[-1]
    if len(parts) != 2 or target not in place.form.fields:
        place.problems.add(unknown("field", target, list(place.form.fields), place.at("decide").mark))
        return None
    for index in range(len(value["rows"])):  # each alone, so that a mistake is told at its own place
        place.at("rows", index, "if").expression(expect=BOOLEAN)
        _then(place.at("rows", index, "then"), place, target)
    if value.get("hit", "unique") == "unique":
        _check_bounds(place, len(value["rows"]))
    if not common["triggers"]:
        common["triggers"] = (trigger_types["changes"](value["inputs"]), trigger_types["daily"]("02:00"))
    return DecisionTable(**common, target=target, decided=_decided(place, target))


def _then(spot: Place, place: Place, target: str) -> Any:
    """A result: the id of an option of the target, or an expression."""
    field = place.form.fields[target]
    if isinstance(spot.value, str) and field.value_type.options and spot.value in field.value_type.options:
        return compile_expression(repr(spot.value), spot.scope, expect=field.value_type, mark=spot.mark)
    if field.value_type.options and isinstance(spot.value, str) and re.fullmatch("[a-z][a-z0-9_]*", spot.value):
        spot.problems.add(unknown("option", spot.value, list(field.value_type.options), spot.mark))
        return None
    return spot.expression(expect=field.value_type)


def _decided(place: Place, target: str) -> Any:
    """The whole table as one expression, so that it can be compared with the field in the database."""
    field = place.form.fields[target]
    text = _literal(place.value.get("otherwise"), field.value_type)
    for row in reversed(place.value["rows"]):
        text = f"({_literal(row['then'], field.value_type)} if {row['if']} else {text})"
    try:
        return compile_expression(text, place.scope, expect=field.value_type, mark=place.at("rows").mark)
    except ConfigError as error:
        place.problems.add(error)
        return None


def _literal(value: Any, type: Type) -> str:
    if value is None:
        return "None"
    if isinstance(value, str) and type.options and value in type.options:
        return repr(value)
    return f"({value})"


def _check_bounds(place: Place, count: int) -> None:
    """Where every row bounds one and the same number, rows must neither overlap nor leave a gap."""
    ranges = [_range(place.value["rows"][index]["if"]) for index in range(count)]
    names = {found[0] for found in ranges if found}
    if len(names) != 1 or not all(ranges):
        return
    ordered = sorted(enumerate(found for found in ranges if found), key=lambda pair: pair[1][1])
    for (_, before), (index, after) in pairwise(ordered):
        mark = place.at("rows", index, "if").mark
        if before[2] > after[1]:
            place.refuse(f"this row overlaps another at {_show(after[1])}", "hit: first takes the first", mark)
        elif before[2] < after[1] and "otherwise" not in place.value:
            hint = "close the gap, or give 'otherwise:'"
            place.refuse(f"no row holds between {_show(before[2])} and {_show(after[1])}", hint, mark)


Edge = tuple[Decimal, int]  # a number, and 0 just at it, 1 just above it


def _range(text: Any) -> tuple[str, Edge, Edge] | None:
    """The interval of `x >= a and x < b` as half-open edges, or None where the text says more."""
    low: Edge = (Decimal("-Infinity"), 0)
    high: Edge = (Decimal("Infinity"), 0)
    name = None
    for part in str(text).split(" and "):
        match = BOUND.match(part)
        if not match or (name not in (None, match["name"])):
            return None
        name, number = match["name"], Decimal(match["number"])
        match match["sign"]:
            case ">=":
                low = (number, 0)
            case ">":
                low = (number, 1)
            case "<":
                high = (number, 0)
            case "<=":
                high = (number, 1)
            case _:
                low, high = (number, 0), (number, 1)
    return (name, low, high) if name else None


def _show(edge: Edge) -> str:
    return f"{'just above ' if edge[1] else ''}{edge[0]}"
