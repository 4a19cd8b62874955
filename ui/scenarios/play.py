"""Play: one scenario, step by step, on its stage."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.errors import EvaluationError, GuardRefused, GuijuError
from engine.principal import SYSTEM
from forms import records
from forms.fields import BadValue
from ui.scenarios import seen, why
from ui.scenarios.checks import Difference, check_types
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from engine.work import Work
    from forms.form import Form
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage


def play(stage: Stage) -> None:
    """Play all steps. Raises StepFailed at the first one that does not go as written."""
    for step in stage.scenario.steps:
        try:
            _act(stage, step)
            if step.expect:
                _look(stage, step)
        except StepFailed:
            raise
        except Exception as error:  # a mistake of ours is told like one of the app, and the other stories go on
            where = traceback.format_exception(error, limit=-3)
            told = [line for block in where for line in block.rstrip().splitlines()]
            raise StepFailed(f"it broke: {type(error).__name__}: {error}", step.mark(), told) from error


def _act(stage: Stage, step: Step) -> None:
    if step.act is None:
        return
    stage.mark()
    try:
        warnings = step.act.perform(stage, step)
        stage.drain()
    except (GuijuError, ExceptionGroup) as error:
        _refused(stage, step, error)
        return
    if mishaps := stage.mishaps():
        raise StepFailed("something failed behind the scene", step.mark(step.act.name), mishaps)
    if step.refused is not None:
        raise StepFailed(f"expected to be refused with '{step.refused}', but it went through", step.mark("refused"))
    if step.warned is not None and not any(step.warned in words for words in warnings):
        said = f"expected the warning '{step.warned}', found {seen.told(list(warnings))}"
        raise StepFailed(said, step.mark("warned"))


def _refused(stage: Stage, step: Step, error: Exception) -> None:
    """An engine said no: as the scenario says, or as a failure."""
    assert step.act is not None
    if isinstance(error, GuardRefused):
        stage.refused.add(error.guard)
    inner = [str(one) for one in error.exceptions] if isinstance(error, ExceptionGroup) else []
    words = "; ".join([str(error), *inner])
    if step.refused is None or isinstance(error, ExceptionGroup | EvaluationError):
        why = [f"{label}: {seen.told(value)}" for label, value in getattr(error, "lines", ())]
        raise StepFailed(f"refused: {words}", step.mark(step.act.name), why) from error
    if step.refused not in words:
        said = f"expected to be refused with '{step.refused}', but the words are: {words}"
        raise StepFailed(said, step.mark("refused")) from error


def _look(stage: Stage, step: Step) -> None:
    """Compare everything that the step expects; all differences are told at once."""
    differences: list[Difference] = []
    with stage.work(step.who, read=True) as work:
        for name, expected in step.expect.items():
            if name in check_types:
                try:
                    differences += check_types[name]().look(stage, work, step, expected)
                except GuijuError as error:
                    differences.append(Difference(step.path("expect", name), f"{name}: {error}"))
            else:
                differences += _field(stage, work.acting(SYSTEM, work.cause), step, name, expected)
    if differences:
        first, *others = differences
        told = [*first.why]
        for other in others:
            told += [other.message, *(f"  {line}" for line in other.why)]
        raise StepFailed(first.message, step.document.mark(*first.path), told)


def _field(stage: Stage, work: Work, step: Step, name: str, expected: Any) -> Iterator[Difference]:
    form_id, key, *path = name.split(".")
    form: Form = stage.catalog["form"][form_id]
    id = stage.id_of(form_id, key)
    record = records.get(work, form_id, id)
    there = record[path[0]] if len(path) == 1 else record.env(work).value(tuple(path))
    if not _same(stage, form, path, expected, there):
        shown = _shown(stage, form, path, there)
        said = f"{name}: expected {seen.told(expected)}, found {seen.told(shown)}"
        yield Difference(step.path("expect", name), said, why.of_field(stage, work, form_id, id, path[0]))


def _same(stage: Stage, form: Form, path: list[str], expected: Any, there: Any) -> bool:
    """Whether a field has the value written in the scenario, which is read as the field's type reads it."""
    field = form.fields.get(path[0]) if len(path) == 1 else None
    if field is None or expected is None or there is None:
        return seen.told(expected) == seen.told(there)
    try:
        return bool(field.type.accept(stage.value(form, path[0], expected)) == there)
    except BadValue:
        return False


def _shown(stage: Stage, form: Form, path: list[str], there: Any) -> Any:
    """A value as one would write it in a scenario."""
    field = form.fields.get(path[0]) if len(path) == 1 else None
    if field is None or there is None:
        return there
    if field.type.name == "person":
        return stage.login(there)
    if field.type.name == "reference":
        return (stage.key_of(field.given["form"], there) or "").partition(".")[2]
    return there
