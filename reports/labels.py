"""Labels: how the groups of a dimension are called, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine import people
from forms import titles
from forms.form import Field, Form
from forms.scope import find_form
from reports.dataset import Dimension

if TYPE_CHECKING:
    from engine.work import Work

EMPTY = "（空）"


def labels(work: Work, form: Form, dimension: Dimension, keys: Iterable[Any]) -> dict[Any, str]:
    """The label of each key, in the language of the reader."""
    keys = list(dict.fromkeys(keys))
    if dimension.banded:
        return dict(enumerate(bands(work, dimension))) | {None: EMPTY}
    kind = dimension.expression.type
    present = [key for key in keys if key is not None]
    found: dict[Any, str] = {}
    if kind.kind == "person":
        found = {person.id: person.name for person in people.many(work, present)}
    elif kind.kind == "reference" and kind.form:
        found = dict(titles.of(work, kind.form, present))
    else:
        field = field_of(work, form, dimension.path)
        locale = work.principal.locale
        found = {key: field.type.format(key, locale) if field else str(key) for key in present}
        found = {key: work.catalog.label(text, locale) for key, text in found.items()}
    return {key: found.get(key, str(key)) if key is not None else EMPTY for key in keys}


def bands(work: Work, dimension: Dimension) -> list[str]:
    """The names of the bands, lowest first."""
    steps = edges(work, dimension)
    names = [dimension.below or f"≤ {steps[0]}"]
    names += [f"{low + 1}–{high}" for low, high in pairwise(steps)]
    return [*names, f"> {steps[-1]}"]


def edges(work: Work, dimension: Dimension) -> list[int]:
    """The edges of the bands, from the settings where they are kept there."""
    if isinstance(dimension.edges, str):
        return [int(edge) for edge in work.settings[dimension.edges]]
    return list(dimension.edges)


def order(work: Work, form: Form, dimension: Dimension) -> list[Any] | None:
    """The declared order of the groups: of bands and of options; None where numbers decide."""
    if dimension.banded:
        return list(range(len(edges(work, dimension)) + 1))
    options = dimension.expression.type.options
    return list(options) if options and dimension.expression.type.kind == "choice" else None


def field_of(work: Work, form: Form, path: tuple[str, ...]) -> Field | None:
    """The field at the end of a path of references; None for what is no field of a form."""
    here: Form | None = form
    for name in path[:-1]:
        found = here.scope.find(name) if here else None
        here = find_form(work.catalog["form"], found.form) if found and found.form else None
    return here.fields.get(path[-1]) if here else None
