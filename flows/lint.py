"""Lint: what the shape of a flow cannot show: targets, money, and steps that make no sense where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.names import unknown
from flows.flow import START
from flows.steps.approve import Approve
from flows.steps.update import Update

if TYPE_CHECKING:
    from flows.flow import Flow
    from flows.steps import Step
    from forms.place import Place


def check(flow: Flow, root: Place) -> None:
    """Tell every mistake, and warn of what is probably not meant."""
    approvals = [step for step in flow.steps.values() if isinstance(step, Approve)]
    for step in approvals:
        _targets(flow, step)
    if _guards_money(flow):
        for step in approvals:
            _money(step)
    _order(flow, approvals, root)
    _empty_conditions(flow, root)


def _targets(flow: Flow, step: Approve) -> None:
    """A return leads to the start or to a step of people before this one."""
    named = [(id, step.place.at("return_to", index)) for index, id in enumerate(step.return_to or ())]
    if step.reject_to is not None:
        named.append((step.reject_to, step.place.at("on_reject", "return")))
    earlier = [START, *(other.id for other in flow.steps.values() if other.human and other.order < step.order)]
    for id, place in named:
        if id in earlier:
            continue
        if id in flow.steps:
            place.refuse(
                f"'{id}' is not a step of people before '{step.id}'", f"a return leads to one of {', '.join(earlier)}"
            )
        else:
            place.problems.add(unknown("step", id, earlier, place.mark))


def _guards_money(flow: Flow) -> bool:
    """Whether the flow writes money back or chooses by it."""
    fields = flow.form.fields
    reads = {path[0] for step in flow.steps.values() if step.cases for path in step.reads()}
    money = any(name in fields and fields[name].value_type.kind == "money" for name in reads)
    return money or any(isinstance(step, Update) and step.writes_money for step in flow.steps.values())


def _money(step: Approve) -> None:
    if step.if_nobody == "agree":
        hint = "write `if_nobody: flow_admin`, or name people for this step"
        step.place.refuse(
            f"'{step.id}' decides about money and would agree by itself when nobody is found", hint, step.mark
        )
    if any(entry.action == "agree" for entry in step.limits.entries):
        hint = "hand it over with `transfer: superior`, or write `reject: true`"
        step.place.refuse(f"'{step.id}' decides about money and would agree by itself after a time", hint, step.mark)


def _order(flow: Flow, approvals: list[Approve], root: Place) -> None:
    last = max((step.order for step in approvals), default=0)
    for step in flow.steps.values():
        if isinstance(step, Update) and step.record and not step.path and step.order < last:
            root.problems.warn(_warning(f"'{step.id}' writes before the last approval", step))


def _empty_conditions(flow: Flow, root: Place) -> None:
    """A field that decides about the way should be filled by then."""
    filled = {
        name for name, field in flow.form.fields.items() if field.required or field.compute or field.default is not None
    }
    for step in flow.steps.values():
        if isinstance(step, Approve):
            filled.update(step.rights.require)
            continue
        for name in sorted({path[0] for path in step.reads()} - filled - {"settings", "user"}):
            if name in flow.form.fields:
                message = f"'{step.id}' chooses by '{name}', which may still be empty"
                root.problems.warn(_warning(message, step))


def _warning(message: str, step: Step) -> ConfigError:
    return ConfigError(message, step.mark)
