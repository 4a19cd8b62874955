"""Sections: the layout of a form, as one fills it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.work import Work
from forms.form import Form
from ui.web.boxes import Box, boxes
from ui.web.templating import label, t


@dataclass(frozen=True, slots=True)
class Section:
    """A card of the form."""

    label: str
    boxes: Sequence[Box]


def fill_sections(
    work: Work,
    form: Form,
    values: Mapping[str, Any],
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> list[Section]:
    """Every section in which something is to be filled in; fields that no section names come last.

    What cannot be filled in is shown only where it says something.
    """
    seen: set[str] = set()
    found: list[Section] = []
    for title, rows in form.layout.items():
        names = [name for row in rows for name in row]
        seen.update(names)
        found.append(Section(label(title), boxes(work, form, names, values, typed=typed, errors=errors)))
    rest = boxes(work, form, [name for name in form.fields if name not in seen], values, typed=typed, errors=errors)
    left = [box for box in rest if not box.readonly]
    if left:
        found.append(Section(t("其他") if form.layout else label(form.label), left))
    kept = [Section(one.label, [box for box in one.boxes if not box.readonly or box.shown]) for one in found]
    return [section for section in kept if any(not box.readonly for box in section.boxes)]
