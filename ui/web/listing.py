"""Listing: what the address of a list asks for, and the rows, sums and links that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from engine.errors import InputError
from engine.expressions import Expression
from engine.work import Work
from forms import access, records
from forms.form import Field, Form
from forms.records import Page, Record
from ui.web import filters
from ui.web.cells import Cell, cell, say
from ui.web.filters import Filter
from ui.web.templating import label

SIZE = 50
SINGLE = ("view", "q", "where", "sort", "after")


@dataclass(frozen=True, slots=True)
class Asked:
    """The address of a list, taken apart; `given` holds what the filters say."""

    form: str
    view: str = ""
    q: str = ""
    where: str = ""
    sort: str = ""
    after: str = ""
    cols: tuple[str, ...] = ()
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def url(self, *drop: str, **change: Any) -> str:
        """The address of the same list with some parts dropped or changed; pages start anew."""
        parts: dict[str, Any] = {"view": self.view, "q": self.q, "where": self.where, "sort": self.sort}
        parts |= {"cols": ",".join(self.cols)} | dict(self.given) | {"after": ""} | change
        kept = {name: value for name, value in parts.items() if value and name not in drop}
        return url_for("lists.show", form=self.form, **kept)

    def hidden(self, *drop: str) -> list[tuple[str, str]]:
        """The parts as hidden fields of a form that asks for more."""
        parts = [
            ("view", self.view),
            ("q", self.q),
            ("where", self.where),
            ("sort", self.sort),
            ("cols", ",".join(self.cols)),
        ]
        parts += [(name, one) for name, values in self.given.items() for one in values]
        return [(name, value) for name, value in parts if value and name not in drop]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table; `sort` is the address that sorts by it, `order` says how it is sorted now."""

    field: Field
    label: str
    numeric: bool
    sort: str
    order: str
    total: str
    main: bool  # the one bold amount


@dataclass(frozen=True, slots=True)
class Row:
    record: Record
    href: str
    title: str
    cells: Sequence[Cell]


def asked(form: Form) -> Asked:
    """Read the address. Raises InputError when a part that can be given once is repeated."""
    parts: dict[str, str] = {}
    for name in SINGLE:
        values = request.args.getlist(name)
        if len(values) > 1:
            raise InputError({name: "只能给出一次"})
        parts[name] = values[0][:2000] if values else ""
    cols = tuple(dict.fromkeys(part for text in request.args.getlist("cols") for part in text.split(",") if part))
    given = {name: values for name, values in request.args.lists() if name.startswith(filters.PREFIX) and any(values)}
    return Asked(form.id, cols=cols, given=given, **parts)


def find(work: Work, form: Form, what: Asked, *, limit: int = SIZE, count: str = "capped", sums: bool = True) -> Page:
    """The records of a list. Raises InputError for what cannot be asked."""
    names = [one.id for one in shown_fields(work, form, what)]
    totals = [name for name in form.list.totals if name in names] if sums else []
    where = conditions(work, form, what)
    sort = order(form, what)
    return records.find(
        work, form.id, where=where, sort=sort, fields=names, limit=limit, after=what.after or None, count=count,
        search=what.q or None, sums=totals,
    )  # fmt: skip


def conditions(work: Work, form: Form, what: Asked) -> list[Expression | str]:
    """Everything that narrows the list: the view's own condition, the filters, and what was typed."""
    found: list[Expression | str] = []
    if what.view:
        view = form.list.views.get(what.view)
        if view is None:
            raise InputError({"view": "没有这个视图"})
        if view.where is not None:
            found.append(view.where)
    found += filters.conditions(work, form, what.given)
    if what.where.strip():
        found.append(what.where)
    return found


def order(form: Form, what: Asked) -> Sequence[str] | None:
    """By what the list is sorted: as was asked, else as the view says; None leaves it to the form."""
    return what.sort.split(",") if what.sort else _view_sort(form, what)


def _view_sort(form: Form, what: Asked) -> tuple[str, ...] | None:
    view = form.list.views.get(what.view)
    return view.sort if view and view.sort else None


def listable(work: Work, form: Form) -> list[Field]:
    """The fields that a list can show to this reader."""
    never = ("related", "lines", "file", "image", "signature", "rich_text", "json")
    return [one for one in form.fields.values() if access.readable(work.principal, one) and one.type.name not in never]


def shown_fields(work: Work, form: Form, what: Asked) -> list[Field]:
    """The fields of the columns: those chosen, else those declared, else the first few."""
    known = {one.id: one for one in listable(work, form)}
    wanted = [name for name in what.cols if name in known] or [name for name in form.list.columns if name in known]
    return [known[name] for name in wanted or list(known)[:7]]


def columns(work: Work, form: Form, what: Asked, sums: Mapping[str, Any]) -> list[Column]:
    shown = shown_fields(work, form, what)
    now = (what.sort or ",".join(_view_sort(form, what) or form.list.sort)).split(",")[0]
    money = [one.id for one in shown if one.type.name == "money"]
    main = next((name for name in reversed(money) if name in form.list.totals), money[-1] if money else "")
    found = []
    for one in shown:
        down = now == f"-{one.id}"
        order = "descending" if down else "ascending" if now == one.id else ""
        sortable = one.type.sortable and (one.stored or one.computed)
        numeric = one.value_type.numeric and not one.given.get("bands")
        first = "-" if numeric or one.given.get("bands") else ""
        turned = f"{'' if down else '-'}{one.id}" if order else f"{first}{one.id}"
        total = say(work, one, sums[one.id]) if one.id in sums else ""
        found.append(
            Column(
                one, label(one.label), numeric, what.url(sort=turned) if sortable else "", order, total, one.id == main
            )
        )
    return found


def rows(work: Work, form: Form, found: Page, shown: Sequence[Field]) -> list[Row]:
    return [
        Row(
            record,
            url_for("records.show", form=form.id, id=record.id),
            record.title,
            [cell(work, record, one) for one in shown],
        )
        for record in found.rows
    ]


def chips(work: Work, form: Form, what: Asked) -> tuple[list[Filter], list[Filter]]:
    """The filters that are on, and up to three that are offered beside them: those of choices among the columns."""
    every = filters.filters(work, form, what.given)
    on = [one for one in every if one.on]
    columns = {one.id for one in shown_fields(work, form, what)}
    offered = [one for one in every if not one.on and one.kind in filters.CHOICES and one.field in columns]
    return on, offered[:3]
