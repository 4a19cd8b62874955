"""Compile the files of rules/ into rules, ladders and decision tables; every mistake is told at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine import shape
from engine.errors import Problems, SchemaError
from engine.expressions import Expression, Type
from engine.names import unknown
from engine.source import Document
from forms.place import Place
from forms.scope import find_form
from rules import cycles, decision
from rules.actions import Action, compile_actions
from rules.rule import Declared, Fire, Ladder, LadderStep, Quiet, Rearm, Rule
from rules.schema import SHAPES
from rules.scope import settings_scope
from rules.triggers import Trigger, trigger_types

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from forms.form import Form

BOOLEAN = Type("boolean")
DEFAULT_TIME = "08:00"


def compile_rules(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> dict[str, Declared]:
    """Compile every file; what has mistakes is left out and told."""
    compiled: dict[str, Declared] = {}
    for name, document in documents.items():
        declared = _compile(catalog, name, document, problems)
        if declared is not None:
            compiled[name] = declared
    cycles.check(catalog, compiled, documents, problems)
    return compiled


def _compile(catalog: Catalog, name: str, document: Document, problems: Problems) -> Declared | None:
    key = next((key for key in SHAPES if isinstance(document.value, dict) and key in document.value), None)
    if key is None:
        hint = "start with 'record:' for a rule, 'ladder:' for a ladder or 'decide:' for a decision table"
        problems.add(SchemaError("it does not say what kind of rule it is", document.mark(), hint))
        return None
    if not shape.check(document, SHAPES[key](), problems):
        return None
    form_name = document.value[key].split(".")[0]
    form = catalog["form"].get(form_name)
    if form is None:
        problems.add(unknown("form", form_name, list(catalog["form"]), document.mark(key)))
        return None
    place = Place(catalog, form, document, (), problems, starter=False)
    known = len(problems.errors)
    declared = COMPILERS[key](name, place)
    return declared if len(problems.errors) == known else None


def _common(name: str, place: Place) -> dict[str, Any]:
    value = place.value
    return {
        "id": name,
        "label": value.get("label", name),
        "form": place.form.id,
        "triggers": _triggers(place),
        "enabled": _enabled(place),
        "source": value,
    }


def _compile_rule(name: str, place: Place) -> Rule:
    value = place.value
    when = place.at("when").expression(expect=BOOLEAN)
    do = compile_actions(place.at("do")) if place.has("do") else ()
    rule = Rule(
        **_common(name, place),
        when=when,
        fire=_fire(value.get("fire", "once")),
        rearm=_rearm(place),
        baseline=_baseline(value, do),
        quiet=_quiet(value),
        do=do,
        on_exit=compile_actions(place.at("on_exit")) if place.has("on_exit") else (),
    )
    if not rule.do and not rule.on_exit:
        place.refuse("the rule does nothing", "give it 'do:'", place.key_mark("record"))
    return rule


def _compile_ladder(name: str, place: Place) -> Ladder:
    value = place.value
    condition = place.at("while").expression(expect=BOOLEAN)
    anchor = value["anchor"]
    field = place.form.fields.get(anchor)
    if field is None:
        place.problems.add(unknown("field", anchor, list(place.form.fields), place.at("anchor").mark))
    elif field.value_type.kind != "date" or field.computed:
        place.at("anchor").refuse(f"'{anchor}' is not a date that is kept", "name a date field")
    steps = tuple(_step(step, place.at("steps", step)) for step in value["steps"])
    _check_order(steps, place)
    catch_up = value.get("catch_up", "latest")
    common = _common(name, place)
    return Ladder(
        **{**common, "triggers": common["triggers"] or (trigger_types["daily"](DEFAULT_TIME),)},
        anchor=anchor,
        condition=condition,
        calendar=value.get("calendar"),
        catch_up=catch_up if isinstance(catch_up, str) else "skip",
        max_age=None if isinstance(catch_up, str) else _days(catch_up["skip_after"]).days,
        baseline=value.get("existing", "fire") == "baseline",
        quiet=_quiet(value),
        steps=steps,
        on_exit=compile_actions(place.at("on_exit")) if place.has("on_exit") else (),
    )


def _step(name: str, place: Place) -> LadderStep:
    value = place.value
    number, unit = value["at"].split()
    return LadderStep(
        id=name,
        label=value.get("label", name),
        offset=int(number),
        unit="workdays" if unit.startswith("workday") else "days",
        roll=value.get("roll", "none"),
        when=place.at("when").expression(expect=BOOLEAN) if place.has("when") else None,
        do=compile_actions(place.at("do")),
    )


def _check_order(steps: tuple[LadderStep, ...], place: Place) -> None:
    for before, after in pairwise(steps):
        if after.unit == before.unit and after.offset <= before.offset:
            mark = place.document.mark("steps", after.id, "at")
            hint = f"'{before.id}' is at {before.offset:+d}; steps climb in time"
            place.refuse(f"the step '{after.id}' is not later than the one before it", hint, mark)


def _triggers(place: Place) -> tuple[Trigger, ...]:
    triggers = place.value.get("trigger", {})
    for index, path in enumerate(triggers.get("changes", ())):
        _check_path(place.at("trigger", "changes", index), path)
    return tuple(trigger_types[kind](value) for kind, value in triggers.items())


def _check_path(place: Place, path: str) -> None:
    """A path leads over references, related lists and tables of lines to a field."""
    form: Form | None = place.form
    names = path.split(".")
    for position, name in enumerate(names):
        assert form is not None
        field = form.fields.get(name)
        if field is None:
            place.problems.add(unknown("field", name, list(form.fields), place.mark))
            return
        if position + 1 < len(names):
            if field.value_type.form is None:
                place.refuse(f"'{name}' does not lead to a form")
                return
            form = find_form(place.catalog["form"], field.value_type.form)


def _enabled(place: Place) -> Expression | bool:
    value = place.value.get("enabled", True)
    if isinstance(value, bool):
        return value
    spot = replace(place.at("enabled"), names=settings_scope(place.catalog))
    return spot.expression(expect=BOOLEAN) or False


def _fire(value: Any) -> Fire:
    if isinstance(value, str):
        return Fire(value)
    return Fire("every", _days(value["every"]), value.get("most"))


def _rearm(place: Place) -> Rearm:
    value = place.value.get("rearm", "on_exit")
    if isinstance(value, dict):
        return Rearm("after", distance=_days(value["after"]))
    if value in ("on_exit", "never"):
        return Rearm(value)
    return Rearm("when", when=place.at("rearm").expression(expect=BOOLEAN))


def _baseline(value: Mapping[str, Any], do: tuple[Action, ...]) -> bool:
    """A new rule does not mail about the past, unless it says so; effects on data catch up."""
    if "existing" in value:
        return bool(value["existing"] == "baseline")
    return bool(do) and all(action.outside for action in do)


def _quiet(value: Mapping[str, Any]) -> Quiet | None:
    return Quiet(value["quiet"]["from"], value["quiet"]["to"]) if "quiet" in value else None


def _days(text: str) -> timedelta:
    return timedelta(days=int(text.split()[0]))


COMPILERS: Mapping[str, Callable[[str, Place], Declared | None]] = {
    "record": _compile_rule,
    "ladder": _compile_ladder,
    "decide": lambda name, place: decision.compile_table(place, _common(name, place)),
}
