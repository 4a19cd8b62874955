"""Results: compute what a widget shows for this reader, and list the records behind each of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.errors import InputError, NotFound
from forms import records
from reports import asking, charts, labels, words
from reports.dataset import Dataset, Measure
from reports.question import Question, equal, in_period
from reports.report import Report
from reports.result import Drill, Line, Result, Series
from reports.statement import Group, Parts, Statement, add, final
from reports.widgets import Widget

if TYPE_CHECKING:
    from engine.work import Work
    from forms.paging import Page


def open_report(work: Work, report_id: str) -> Report:
    """The report, when this reader may open it; NotFound else, so that nobody learns that it is there."""
    report = work.catalog["report"].get(report_id)
    if report is None or not report.opens(work.principal):
        raise NotFound(f"没有报表 {report_id}")
    return report  # type: ignore[no-any-return]


def widget_of(report: Report, widget_id: str) -> Widget:
    if widget_id not in report.widgets:
        raise NotFound(f"报表 {report.label} 没有组件 {widget_id}")
    return report.widgets[widget_id]


def compute(
    work: Work, report_id: str, widget_id: str, filters: Mapping[str, str] | None = None, as_of: date | None = None
) -> Result:
    """Compute one widget: one statement per dataset it shows, scoped to the reader.

    `filters` maps filter ids to texts; unknown ones are refused. Raises NotFound, InputError, AccessDenied.
    """
    report = open_report(work, report_id)
    widget = widget_of(report, widget_id)
    today = _as_of(work, as_of)
    questions = asking.questions(work, report, widget, filters or {}, today)
    result = _along(work, widget, questions, today) if widget.by else _figure(work, widget, questions[0], today)
    result = replace(result, summary=words.summary(work, result))
    return replace(result, option=widget.option(result))


def drill(
    work: Work,
    report_id: str,
    widget_id: str,
    key: Sequence[Any] = (),
    filters: Mapping[str, str] | None = None,
    limit: int = 50,
    after: str | None = None,
    as_of: date | None = None,
) -> Page:
    """The records behind a number of a widget: of one group, or with no `key` of all of it.

    Their sum is the number that was drilled into.
    """
    found = behind(work, report_id, widget_id, key, filters, as_of)
    return records.find(work, found.form, where=found.where or None, limit=limit, after=after, count="exact")


def behind(
    work: Work,
    report_id: str,
    widget_id: str,
    key: Sequence[Any] = (),
    filters: Mapping[str, str] | None = None,
    as_of: date | None = None,
) -> Drill:
    """Where the records behind a number are: their form, and the condition that lists them."""
    return _drill_of(compute(work, report_id, widget_id, filters, as_of), key)


def _drill_of(result: Result, key: Sequence[Any]) -> Drill:
    lines = [result.total or result.lines[0]] if not key else [x for x in result.lines if str(x.key) == str(key[0])]
    index = 0
    if len(key) > 1:
        index = next((i for i, series in enumerate(result.series) if series.id == str(key[1])), -1)
    if not lines or index < 0 or index >= len(lines[0].drills):
        raise NotFound("没有这一组")
    found = lines[0].drills[index]
    if found is None:
        raise InputError({"": "这个数没有明细"})
    return found


def _as_of(work: Work, as_of: date | None) -> date:
    if as_of is not None and as_of > work.today:
        raise InputError({"as_of": "截至日期不能晚于今天"})
    return as_of or work.today


def _figure(work: Work, widget: Widget, question: Question, today: date) -> Result:
    """One number, with its change where it compares."""
    now, before = Statement(work, question).run()
    measure = question.measures[0]
    value = final(measure, now.get((None, None)))
    line = Line(None, widget.label, [value], [_drill(question, measure)])
    series = [Series(measure.id, measure.label, measure.format, measure.good)]
    change = None
    if question.before is not None:
        change = words.change(work, measure, value, final(measure, before.get((None, None))), question)
    more = {"target": getattr(widget, "target", None), **_ratio_parts(measure, question.dataset, now)}
    return Result(widget.id, widget.name, widget.label, "", series, [line], change=change, more=more)


def _ratio_parts(measure: Measure, dataset: Dataset, now: dict[Group, Parts]) -> dict[str, Any]:
    """What a ratio is made of, for the lines under a gauge."""
    if not measure.over:
        return {}
    parts = now.get((None, None)) or {}
    named = [dataset.measures[name] for name in measure.over]
    return {"parts": [(one.label, parts.get(one.id, 0), one.format) for one in named]}


def _along(work: Work, widget: Widget, asked: list[Question], today: date) -> Result:
    answers = [Statement(work, question).run()[0] for question in asked]
    if asked[0].stack is not None:
        return _stacked(work, widget, asked[0], answers[0])
    keys = _keys(work, asked, answers, widget)
    names = _names(work, asked[0], keys)
    series, columns = [], []
    for question, answer in zip(asked, answers, strict=True):
        folded = _fold(question, answer)
        for measure in question.measures:
            series.append(Series(measure.id, measure.label, measure.format, measure.good))
            columns.append((question, measure, folded))
    lines = [
        Line(
            _plain(key),
            names[key],
            [final(measure, folded.get(key)) for _, measure, folded in columns],
            [_drill(question, measure, key) for question, measure, _ in columns],
            _color(work, asked[0], key),
        )
        for key in keys
    ]
    total_values = [final(measure, _sum(question, folded)) for question, measure, folded in columns]
    total = Line(None, "合计", total_values, [_drill(question, measure) for question, measure, _ in columns])
    complete = asked[0].top is None
    head = asked[0].by.label if asked[0].by else ""
    more = {"unfinished": _unfinished(asked[0], keys, today)}
    return Result(widget.id, widget.name, widget.label, head, series, lines, total if complete else None, more=more)


def _stacked(work: Work, widget: Widget, question: Question, answer: dict[Group, Parts]) -> Result:
    """One measure, a series per group of the second dimension."""
    assert question.stack is not None
    form = work.catalog["form"][question.dataset.form]
    measure = question.measures[0]
    slices = labels.order(work, form, question.stack) or sorted({key[1] for key in answer}, key=str)
    slices += [key for key in {group[1] for group in answer} if key not in slices]
    keys = _keys(work, [question], [answer], widget)
    names = _names(work, question, keys)
    called = labels.labels(work, form, question.stack, slices)
    per: dict[tuple[Any, Any], Parts] = {}
    for (first, second), parts in answer.items():
        per[(_cut(question, first), second)] = add(per.get((_cut(question, first), second)), parts, question.parts)
    series = [
        Series(str(one), called[one], measure.format, measure.good, _slice_color(question, index, len(slices)))
        for index, one in enumerate(slices)
    ]
    lines = [
        Line(
            _plain(key),
            names[key],
            [final(measure, per.get((key, one))) for one in slices],
            [_drill(question, measure, key, (one,)) for one in slices],
        )
        for key in keys
    ]
    head = question.by.label if question.by else ""
    return Result(widget.id, widget.name, widget.label, head, series, lines)


def _slice_color(question: Question, index: int, count: int) -> str:
    assert question.stack is not None
    return charts.ramp(index, count) if question.stack.banded else charts.color(index)


def _keys(work: Work, asked: list[Question], answers: list[dict[Group, Parts]], widget: Widget) -> list[Any]:
    """The groups in the order in which they are shown."""
    question = asked[0]
    if question.grain is not None:
        if widget.given.get("last"):
            return list(question.grain.last(question.period.end or work.today, widget.given["last"]))
        cut = {_cut(question, group[0]) for answer in answers for group in answer if group[0] is not None}
        return sorted(cut)
    assert question.by is not None
    form = work.catalog["form"][question.dataset.form]
    present = dict.fromkeys(group[0] for answer in answers for group in answer)
    declared = labels.order(work, form, question.by)
    if declared is not None:
        if question.by.banded:
            return declared + ([None] if None in present else [])
        return [key for key in declared if key in present] + [key for key in present if key not in declared]
    folded = _fold(question, answers[0])
    measure = question.measures[0]
    if not widget.zeros:
        present = {key: None for key in present if final(measure, folded.get(key))}
    ranked = sorted(present, key=lambda key: (-_rank(final(measure, folded.get(key))), str(key)))
    return ranked[: question.top] if question.top else ranked


def _rank(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, (int, Decimal)) else Decimal("-Infinity")


def _names(work: Work, question: Question, keys: list[Any]) -> dict[Any, str]:
    if question.grain is not None:
        return {key: question.grain.show(key) for key in keys}
    assert question.by is not None
    return labels.labels(work, work.catalog["form"][question.dataset.form], question.by, keys)


def _cut(question: Question, key: Any) -> Any:
    """The group that a day or month belongs to."""
    return question.grain.start(key) if question.grain is not None and key is not None else key


def _fold(question: Question, answer: dict[Group, Parts]) -> dict[Any, Parts]:
    """Answers per group of the first axis."""
    folded: dict[Any, Parts] = {}
    for (first, _), parts in answer.items():
        key = _cut(question, first)
        folded[key] = add(folded.get(key), parts, question.parts)
    return folded


def _sum(question: Question, folded: dict[Any, Parts]) -> Parts | None:
    total: Parts | None = None
    for parts in folded.values():
        total = add(total, parts, question.parts)
    return total


def _color(work: Work, question: Question, key: Any) -> str | None:
    if question.by is None or not question.by.banded or key is None:
        return None
    return charts.ramp(int(key), len(labels.edges(work, question.by)) + 1)


def _unfinished(question: Question, keys: list[Any], today: date) -> bool:
    """Whether the last piece of time is not over."""
    return bool(question.grain and keys and question.grain.end(keys[-1]) > today)


def _plain(key: Any) -> Any:
    return key.isoformat() if isinstance(key, date) else key


NO_KEY: Any = object()


def _drill(question: Question, measure: Measure, key: Any = NO_KEY, stack: tuple[Any] | tuple[()] = ()) -> Drill | None:
    """The records behind one number, as a condition of the language; lists show today, so a past day has none."""
    if question.as_of is not None:
        return None
    texts = list(question.conditions)
    period = question.period
    if question.time:
        if question.grain is not None and key is not NO_KEY:
            period = replace(period, start=key, end=question.grain.end(key), grain=None)
        texts += in_period(question.time, period)
    if question.by is not None and key is not NO_KEY:
        texts.append(equal(question.by, key))
    if question.stack is not None and stack:
        texts.append(equal(question.stack, stack[0]))
    shown = question.dataset.measures[measure.over[0]] if measure.over else measure
    if shown.where_text:
        texts.append(shown.where_text)
    return Drill(question.dataset.form, " and ".join(f"({text})" if " or " in text else text for text in texts))
