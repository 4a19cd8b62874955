"""Compile datasets and reports; every name is resolved and every mistake told at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine import shape
from engine.errors import ConfigError, Mark, Problems, UnknownName
from engine.expressions import Expression, compile_expression, types
from engine.names import unknown
from engine.source import Document
from reports.dataset import Dataset, Dimension, Measure
from reports.grain import GRAINS
from reports.period import read as read_period
from reports.report import Cell, Filter, Report
from reports.schema import load_widgets, widget_schema
from reports.widgets import Shown, Widget, widget_types

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from forms.form import Form

KINDS = ("sum", "count", "distinct", "min", "max", "avg", "ratio")
DEFAULT_FORMAT = {"money": "money", "percent": "percent", "integer": "integer", "number": "number"}


@dataclass(frozen=True)
class Reading:
    """A dataset file as it is read."""

    catalog: Catalog
    form: Form
    document: Document
    problems: Problems

    def expression(self, *path: str, condition: bool = False) -> Expression | None:
        value = self.document.get(*path)
        text = value if isinstance(value, str) else str(value)
        expect = types.boolean() if condition else None
        try:
            return compile_expression(text, self.form.scope, expect=expect, mark=self.document.mark(*path), sql=True)
        except ConfigError as error:
            self.problems.add(error)
            return None


def compile_datasets(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> dict[str, Dataset]:
    compiled = {}
    for name, document in documents.items():
        form = catalog["form"].get(document.get("of"))
        if form is None:
            problems.add(unknown("form", document.get("of"), list(catalog["form"]), document.mark("of")))
            continue
        compiled[name] = _dataset(name, Reading(catalog, form, document, problems))
    return compiled


def _dataset(name: str, reading: Reading) -> Dataset:
    document = reading.document
    time = document.get("time")
    if time is not None:
        _date_field(reading.form, time, document.mark("time"), reading.problems)
    dimensions = {key: _dimension(key, reading) for key in document.get("dimensions", default={})}
    measures = {key: _measure(key, reading) for key in document.get("measures")}
    return Dataset(
        id=name,
        label=document.get("label"),
        form=reading.form.id,
        time=time,
        dimensions={key: found for key, found in dimensions.items() if found},
        measures={key: found for key, found in measures.items() if found},
    )


def _dimension(name: str, reading: Reading) -> Dimension | None:
    document, path = reading.document, ("dimensions", name)
    given = document.get(*path)
    if ("field" in given) == ("band" in given):
        reading.problems.add(ConfigError("a dimension is a 'field' or a 'band'", document.mark(*path)))
        return None
    if "band" in given:
        return _band(name, reading)
    if name in GRAINS:
        hint = "time is cut by the dataset's 'time'; give the dimension another name"
        reading.problems.add(ConfigError(f"'{name}' names a grain of time", document.key_mark(*path), hint))
    expression = reading.expression(*path, "field")
    if expression is None:
        return None
    text = given["field"]
    return Dimension(name, given.get("label", name), tuple(text.split(".")), text, expression)


def _band(name: str, reading: Reading) -> Dimension | None:
    given = reading.document.get("dimensions", name)
    band = given["band"]
    edges = band["edges"]
    listed = edges if isinstance(edges, str) else ", ".join(map(str, edges))
    text = f"band({band['of']}, {listed})"
    if reading.expression("dimensions", name, "band", "of") is None:
        return None
    try:
        mark = reading.document.mark("dimensions", name, "band", "edges")
        expression = compile_expression(text, reading.form.scope, mark=mark, sql=True)
    except ConfigError as error:
        reading.problems.add(ConfigError(error.message, mark, error.hint))
        return None
    kept = edges.removeprefix("settings.") if isinstance(edges, str) else tuple(edges)
    label = given.get("label", name)
    return Dimension(name, label, (), text, expression, True, kept, band.get("below"))


def _measure(name: str, reading: Reading) -> Measure | None:
    document, path = reading.document, ("measures", name)
    given = document.get(*path)
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1:
        hint = "give one of " + ", ".join(KINDS)
        reading.problems.add(ConfigError("a measure is one of its kinds", document.mark(*path), hint))
        return None
    kind = kinds[0]
    over = _over(given[kind], reading, (*path, "ratio")) if kind == "ratio" else None
    value = reading.expression(*path, kind) if kind not in ("ratio", "count") else None
    where = reading.expression(*path, "where", condition=True) if "where" in given else None
    if kind not in ("ratio", "count") and value is None:
        return None
    if kind in ("sum", "avg") and value is not None and not (value.type.numeric or value.type.kind == "boolean"):
        reading.problems.add(ConfigError(f"'{value.text}' is not a number", document.mark(*path, kind)))
    usual = "percent" if kind == "ratio" else DEFAULT_FORMAT.get(value.type.kind, "integer") if value else "integer"
    return Measure(
        id=name,
        label=given["label"],
        kind=kind,
        format=given.get("format", usual),
        good=given.get("good"),
        value=value,
        where=where,
        where_text=str(given["where"]) if where else None,
        over=over,
    )


def _over(names: list[str], reading: Reading, path: tuple[str, ...]) -> tuple[str, str]:
    measures = reading.document.get("measures")
    for index, name in enumerate(names):
        mark = reading.document.mark(*path, index)
        if name not in measures:
            reading.problems.add(unknown("measure", name, list(measures), mark))
        elif "ratio" in measures[name] or "avg" in measures[name]:
            reading.problems.add(ConfigError(f"'{name}' is itself a quotient", mark, "divide sums and counts"))
    return names[0], names[1]


def compile_reports(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> dict[str, Report]:
    load_widgets()
    return {name: _report(name, catalog, document, problems) for name, document in documents.items()}


def _report(name: str, catalog: Catalog, document: Document, problems: Problems) -> Report:
    for index, role in enumerate(document.get("roles")):
        if role not in catalog.roles:
            problems.add(unknown("role", role, list(catalog.roles), document.mark("roles", index)))
    filters = {key: _filter(key, catalog, document, problems) for key in document.get("filters", default={})}
    widgets = {key: _widget(key, catalog, document, problems, filters) for key in document.get("widgets")}
    return Report(
        id=name,
        label=document.get("label"),
        roles=frozenset(document.get("roles")),
        filters=filters,
        widgets={key: widget for key, widget in widgets.items() if widget},
        columns=document.get("layout", "columns"),
        rows=_rows(document, problems),
    )


def _filter(name: str, catalog: Catalog, document: Document, problems: Problems) -> Filter:
    given = document.get("filters", name)
    for dataset_name, bound in given["binds"].items():
        mark = document.mark("filters", name, "binds", dataset_name)
        dataset = catalog["dataset"].get(dataset_name)
        if dataset is None:
            where = document.key_mark("filters", name, "binds", dataset_name)
            problems.add(unknown("dataset", dataset_name, list(catalog["dataset"]), where))
        elif given["type"] == "date_range":
            _date_field(catalog["form"][dataset.form], bound, mark, problems)
        elif bound not in dataset.dimensions:
            problems.add(unknown("dimension", bound, list(dataset.dimensions), mark))
    default = given.get("default")
    if given["type"] == "date_range" and default is not None:
        _check_period(default, document.mark("filters", name, "default"), problems)
    return Filter(name, given.get("label", name), given["type"], default, dict(given["binds"]))


def _check_period(text: str, mark: Mark, problems: Problems) -> None:
    from datetime import date

    from engine.errors import InputError

    try:
        read_period(text, date(2026, 1, 1))
    except InputError as error:
        problems.add(ConfigError(f"'{text}' is no period", mark, str(error)))


def _widget(
    name: str, catalog: Catalog, document: Document, problems: Problems, filters: Mapping[str, Filter]
) -> Widget | None:
    path = ("widgets", name)
    given = document.get(*path)
    kind = given["type"]
    if kind not in widget_types:
        problems.add(unknown("widget type", kind, list(widget_types), document.mark(*path, "type")))
        return None
    if not shape.check(document, _schema(kind), problems, path):
        return None
    told = given["show"] if isinstance(given["show"], list) else [given["show"]]
    shown = [_shown(text, catalog, _mark_of(document, path, index), problems) for index, text in enumerate(told)]
    living = [one for one in shown if one is not None]
    if len(living) != len(told):
        return None
    cls = widget_types[kind]
    if len(living) > 1 and not cls.many:
        problems.add(ConfigError(f"a {kind} shows one measure", document.mark(*path, "show")))
    if cls.axis == "must" and "by" not in given:
        problems.add(ConfigError(f"a {kind} needs 'by'", document.mark(*path), "name a dimension, or a grain of time"))
        return None
    for key in ("by", "stack"):
        if key in given:
            _check_axis(given[key], living, document.mark(*path, key), problems)
    for index, ignored in enumerate(given.get("without", ())):
        if ignored not in filters:
            problems.add(unknown("filter", ignored, list(filters), document.mark(*path, "without", index)))
    return cls(name, given, living)


@lru_cache
def _schema(kind: str) -> Mapping[str, Any]:
    return widget_schema(kind)


def _mark_of(document: Document, path: tuple[str, ...], index: int) -> Mark:
    listed = isinstance(document.get(*path, "show"), list)
    return document.mark(*path, "show", index) if listed else document.mark(*path, "show")


def _shown(text: str, catalog: Catalog, mark: Mark, problems: Problems) -> Shown | None:
    dataset_name, _, measure = text.partition(".")
    dataset = catalog["dataset"].get(dataset_name)
    if dataset is None:
        problems.add(unknown("dataset", dataset_name, list(catalog["dataset"]), mark))
        return None
    if measure not in dataset.measures:
        problems.add(unknown("measure", measure, list(dataset.measures), mark))
        return None
    return Shown(dataset, dataset.measures[measure])


def _check_axis(name: str, shown: list[Shown], mark: Mark, problems: Problems) -> None:
    for one in shown:
        if name in GRAINS:
            if one.dataset.time is None:
                problems.add(ConfigError(f"the dataset '{one.dataset.id}' has no 'time'", mark))
        elif name not in one.dataset.dimensions:
            error: UnknownName = unknown("dimension", name, [*one.dataset.dimensions, *GRAINS], mark)
            problems.add(error)


def _date_field(form: Form, name: str, mark: Mark, problems: Problems) -> None:
    found = form.scope.find(name)
    if found is None:
        problems.add(unknown("field", name, list(form.scope.names()), mark))
    elif found.kind not in ("date", "datetime"):
        problems.add(ConfigError(f"'{name}' is not a date", mark, "name a date field of the form"))


def _rows(document: Document, problems: Problems) -> tuple[tuple[Cell, ...], ...]:
    rows = []
    columns = document.get("layout", "columns")
    for number, row in enumerate(document.get("layout", "rows")):
        cells = []
        for index, text in enumerate(row):
            name, span = text.split()
            if name not in document.get("widgets"):
                mark = document.mark("layout", "rows", number, index)
                problems.add(unknown("widget", name, list(document.get("widgets")), mark))
            cells.append(Cell(name, int(span)))
        if sum(cell.span for cell in cells) > columns:
            mark = document.mark("layout", "rows", number)
            problems.add(ConfigError(f"the row is wider than {columns} columns", mark))
        rows.append(tuple(cells))
    return tuple(rows)
