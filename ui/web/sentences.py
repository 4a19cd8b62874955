"""Sentences: what the names of an expression are called, so that a condition can be read aloud."""

from __future__ import annotations

from engine.work import Work
from forms.form import Form
from ui.web.templating import label


def words_of(work: Work, form: Form) -> dict[str, str]:
    """The labels of fields, of fields behind references, of options (`grade=d`) and of settings."""
    found = {f"settings.{id}": label(setting.label) for id, setting in work.catalog.settings.items()}
    found |= _fields(form, "")
    for one in form.fields.values():
        if one.type.name == "reference":
            found |= _fields(work.catalog["form"][one.type.form], f"{one.id}.")  # type: ignore[attr-defined]
    return found


def _fields(form: Form, prefix: str) -> dict[str, str]:
    found = {}
    for one in form.fields.values():
        found[prefix + one.id] = label(one.label)
        if one.type.name == "choice":
            for option in one.type.choices.values():  # type: ignore[attr-defined]
                found[f"{prefix}{one.id}={option.id}"] = label(option.label)
    return found
