"""Statement: a question becomes one aggregate SELECT through the scoped query layer.

Averages and ratios are asked as their sums and counts and divided afterwards, exactly; so groups can be folded
together and still be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, ColumnElement, and_, case, column, func, literal, or_, select, true

from engine.errors import InputError
from engine.expressions import Expression, compile_expression, types
from engine.expressions.tree import Aggregate
from forms import query
from reports.dataset import Measure
from reports.period import Period
from reports.question import Question, in_period

if TYPE_CHECKING:
    from engine.work import Work
    from forms.form import Form

MOST_GROUPS = 2_000

Group = tuple[Any, Any]  # value of the first axis, value of the second; None where there is no such axis
Parts = dict[str, Any]


@lru_cache(maxsize=2_000)
def _compiled(form: Form, text: str, boolean: bool) -> Expression:
    return compile_expression(text, form.scope, expect=types.boolean() if boolean else None, sql=True)


class Statement:
    """One SELECT for a question; `run` answers the parts of each group, now and in the range before.

    Every expression is worked out once per row in an inner select and aggregated in an outer one.
    """

    def __init__(self, work: Work, question: Question) -> None:
        self.work, self.question = work, question
        self.form: Form = work.catalog["form"][question.dataset.form]
        self.query = query.select(work, self.form, as_of=question.as_of)
        self._inner: dict[Any, tuple[str, ColumnElement[Any], bool]] = {}  # name, column, holds an aggregate
        self._shared = False
        for text in question.conditions:
            expression = _compiled(self.form, text, True)
            self._look(expression)
            self.query.where(expression)

    def run(self) -> tuple[dict[Group, Parts], dict[Group, Parts]]:
        """The parts by group: of the range asked for, and of the range before it where one is compared with."""
        question = self.question
        found = [self._axis(), self._stack()]
        keys = [axis for axis in found if axis is not None]
        widths, flat = self._columns()
        inner = self.query.select(*(one.label(name) for name, one, _ in self._inner.values()))
        base = inner.cte("base").prefix_with("MATERIALIZED") if self._shared else inner.subquery("base")
        statement = select(*keys, *flat).select_from(base).group_by(*keys)
        if question.top is not None and question.stack is None:
            statement = statement.order_by(*self._order(flat), *keys).limit(question.top)
        else:
            statement = statement.limit(MOST_GROUPS + 1)
        rows = self.work.execute(statement).all()
        if len(rows) > MOST_GROUPS:
            raise InputError({"": f"分组超过 {MOST_GROUPS} 个，请先筛选"})
        return self._read(rows, [axis is not None for axis in found], widths)

    def _columns(self) -> tuple[list[int], list[ColumnElement[Any]]]:
        """The aggregate columns, and how many each part takes; twice as many where two ranges are compared."""
        question = self.question
        now = self._range(question.period)
        if question.before is None:
            self.query.where(now)
            found = [self._part(part, None) for part in question.parts]
        else:
            before = self._range(question.before)
            self.query.where(or_(now, before))
            ranges = [self._put(("range", index), one, False) for index, one in enumerate((now, before))]
            found = [self._part(part, within) for within in ranges for part in question.parts]
        return [len(one) for one in found], [column for one in found for column in one]

    def _put(self, key: Any, element: ColumnElement[Any], heavy: bool) -> ColumnElement[Any]:
        """Work an element out once per row; answers its column outside."""
        if key in self._inner:
            name, known, heavy = self._inner[key]
            self._shared = self._shared or heavy
            return column(name, known.type)
        name = f"v{len(self._inner)}"
        self._inner[key] = (name, element, heavy)
        return column(name, element.type)

    def _take(self, expression: Expression) -> ColumnElement[Any]:
        """The column of an expression, after looking what the reader may see of it."""
        self._look(expression)
        heavy = any(isinstance(node, Aggregate) for node in expression.tree.walk())
        return self._put(expression.text, expression.sql(self.query.env), heavy)

    def _read(
        self, rows: Iterable[Any], axes: list[bool], widths: list[int]
    ) -> tuple[dict[Group, Parts], dict[Group, Parts]]:
        now: dict[Group, Parts] = {}
        before: dict[Group, Parts] = {}
        parts = self.question.parts
        for row in rows:
            values = list(row)
            group: Group = (values.pop(0) if axes[0] else None, values.pop(0) if axes[1] else None)
            for target, count in ((now, 0), (before, len(parts))):
                if count and self.question.before is None:
                    continue
                found: Parts = {}
                for part, width in zip(parts, widths[count : count + len(parts)], strict=True):
                    cells, values = values[:width], values[width:]
                    found[part.id] = self._value(part, cells)
                target[group] = found
        return now, before

    def _look(self, expression: Expression) -> None:
        asked = self.query
        for condition in query.sight(self.work, self.form, asked.principal, expression, asked.env):
            asked.where(condition)

    def _axis(self) -> ColumnElement[Any] | None:
        question = self.question
        if question.grain is not None:
            assert question.time
            day = question.time if self._is_date(question.time) else f"date_of({question.time})"
            return self._element(day if question.grain.base == "day" else f"month_start({day})")
        if question.by is None:
            return None
        return self._take(question.by.expression)

    def _stack(self) -> ColumnElement[Any] | None:
        if self.question.stack is None:
            return None
        return self._take(self.question.stack.expression)

    def _is_date(self, name: str) -> bool:
        return self.form.fields[name].value_type.kind == "date"

    def _element(self, text: str) -> ColumnElement[Any]:
        return self._take(_compiled(self.form, text, False))

    def _range(self, period: Period) -> ColumnElement[bool]:
        time = self.question.time
        if time is None or (period.start is None and period.end is None):
            return true()
        name = time if self._is_date(time) else f"date_of({time})"
        return and_(*(_compiled(self.form, text, True).sql(self.query.env) for text in in_period(name, period)))

    def _part(self, part: Measure, within: ColumnElement[bool] | None) -> list[ColumnElement[Any]]:
        """The aggregate columns of one part; an average takes two."""
        conditions = [within] if within is not None else []
        if part.where is not None:
            conditions.append(self._take(part.where))
        kept = and_(*conditions) if conditions else None
        if part.kind == "count":
            one = literal(1)
            return [func.coalesce(func.sum(one if kept is None else case((kept, one), else_=0)), 0)]
        assert part.value is not None
        value = self._take(part.value)
        if isinstance(value.type, Boolean):
            value = case((value, 1), else_=0)
        if kept is not None:
            value = case((kept, value))
        match part.kind:
            case "sum":
                return [func.coalesce(func.sum(value), 0)]
            case "avg":
                return [func.coalesce(func.sum(value), 0), func.count(value)]
            case "distinct":
                return [func.count(value.distinct())]
        return [getattr(func, part.kind)(value)]

    def _order(self, flat: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """Largest first by the measure that ranks; a ratio ranks by its quotient."""
        question = self.question
        order = question.order or question.measures[0]
        places = {part.id: index for index, part in enumerate(question.parts)}
        if order.over:
            top, bottom = (flat[places[name]] for name in order.over)
            return [(top * 1.0 / func.nullif(bottom, 0)).desc().nulls_last()]
        return [flat[places[order.id]].desc().nulls_last()]

    def _value(self, part: Measure, cells: list[Any]) -> Any:
        """The exact value of a part: a Decimal or int; an average stays (sum, count) until it is shown."""
        scale = part.value.type.scale if part.value is not None and part.kind != "distinct" else 0
        if part.kind == "avg":
            return _scaled(cells[0], scale), int(cells[1])
        return cells[0] if isinstance(cells[0], date) else _scaled(cells[0], scale)


def _scaled(units: Any, scale: int) -> Any:
    if units is None:
        return None
    return Decimal(int(units)).scaleb(-scale) if scale else int(units)


def add(left: Parts | None, right: Parts, parts: Iterable[Measure]) -> Parts:
    """Fold the parts of two groups into those of their union."""
    if left is None:
        return dict(right)
    return {part.id: _add(part, left[part.id], right[part.id]) for part in parts}


def _add(part: Measure, left: Any, right: Any) -> Any:
    if part.kind == "avg":
        return left[0] + right[0], left[1] + right[1]
    if left is None or right is None:
        return right if left is None else left
    return {"min": min, "max": max}[part.kind](left, right) if part.kind in ("min", "max") else left + right


def final(measure: Measure, parts: Parts | None) -> Any:
    """The value that is shown: None where there is nothing to divide by, 0 for an additive measure without rows."""
    if parts is None:
        return 0 if measure.additive else None
    if measure.kind == "ratio":
        assert measure.over
        top, bottom = (parts[name] for name in measure.over)
        return None if not bottom else Decimal(top) / Decimal(bottom)
    if measure.kind == "avg":
        total, count = parts[measure.id]
        return None if not count else Decimal(total) / count
    return parts[measure.id]
