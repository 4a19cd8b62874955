"""Checking: whether a record as it will stand keeps what its form declares."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from engine.expressions import Expression
from engine.texts import Text
from forms import access
from forms.env import RecordEnv
from forms.form import Field, Form
from forms.messages import say
from forms.values import Mistakes

if TYPE_CHECKING:
    from engine.work import Work


class Checks:
    """The checks of one form, gathered once: `when` conditions of required fields, and conditions on values."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.filled = tuple(field for field in form.stored if field.required is True and field.type.name != "serial")
        self.at_times = tuple(field for field in form.stored if isinstance(field.required, Expression))
        self.frozen = tuple(field for field in form.stored if isinstance(field.readonly, Expression))
        self.conditions = tuple(field.check for field in form.stored if field.check)
        self.between = form.checks

    def run(self, work: Work, env: RecordEnv, names: Collection[str], mistakes: Mistakes, new: bool) -> None:
        """Add words for whatever does not hold; `names` are the fields that change."""
        locale = work.principal.locale
        for field in self.filled:
            if env.values.get(field.id) is None and field.id not in mistakes and self._asked(work, field, names, new):
                mistakes[field.id] = [say(locale, "请填写")]
        for field in self.at_times:
            required = field.required
            if (
                isinstance(required, Expression)
                and env.values.get(field.id) is None
                and field.id not in mistakes
                and self._asked(work, field, names, new)
                and required.holds(env)
            ):
                mistakes[field.id] = [say(locale, "请填写")]
        for check in self.conditions:
            if check.field in names and check.field not in mistakes and env.values.get(check.field) is not None:
                self._hold(env, check.require, check.message, check.field, mistakes, locale)
        if mistakes:
            return  # what holds between fields is asked once each field is right
        for check in self.between:
            if new or any(path[0] in names for path in check.require.reads):
                self._hold(env, check.require, check.message, check.field, mistakes, locale)

    @staticmethod
    def _asked(work: Work, field: Field, names: Collection[str], new: bool) -> bool:
        """A field must be filled by whoever could; an old gap is no matter of a rule that sets another field."""
        return new or field.id in names or (not work.principal.system and access.writable(work.principal, field))

    @staticmethod
    def _hold(
        env: RecordEnv, require: Expression, message: Text | None, field: str, mistakes: Mistakes, locale: str
    ) -> None:
        if require.evaluate(env) is False:
            words = message.render(env, locale) if message else say(locale, "检查未通过")
            mistakes.setdefault(field, []).append(words)


def of(form: Form) -> Checks:
    """The checks of a form, gathered once."""
    found = form.compiled.get("checks")
    if found is None:
        found = form.compiled["checks"] = Checks(form)
    assert isinstance(found, Checks)
    return found
