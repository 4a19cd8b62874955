"""Widgets: a computed result as its card shows it: figure, chart, list, map, and always the same numbers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for

from engine.work import Work
from reports import words
from reports.result import Drill, Line, Result, Series
from ui.web.cells import figure
from ui.web.templating import t
from ui.web.tiles import Tile, tiles

KINDS = {"money": "money", "percent": "percent", "integer": "integer", "days": "integer", "number": "number"}


@dataclass(frozen=True, slots=True)
class Move:
    """How a number moved: the arrow and words, good or poor by its meaning, never by its colour alone."""

    arrow: str
    words: str
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list with bars."""

    rank: int
    label: str
    text: str
    width: int
    href: str


@dataclass(frozen=True, slots=True)
class Card:
    """One widget on the page; `table` holds headings and rows of (text, href)."""

    id: str
    type: str
    label: str
    span: int
    summary: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    total: Sequence[tuple[str, str]]
    option: Mapping[str, Any] | None = None
    number: str = ""
    unit: str = ""
    href: str = ""
    move: Move | None = None
    entries: Sequence[Entry] = ()
    tiles: Sequence[Tile] = ()
    parts: Sequence[tuple[str, str]] = ()
    note: str = ""
    share: int = 0
    empty: bool = False


def card(work: Work, result: Result, span: int) -> Card:
    """All that the card of a widget needs."""
    rows = [
        (line.label, [_linked(work, result, line, index) for index in range(len(result.series))])
        for line in result.lines
    ]
    common: dict[str, Any] = {
        "id": result.widget,
        "type": result.type,
        "label": result.label,
        "span": span,
        "summary": result.summary,
        "heads": [result.head, *(series.label for series in result.series)],
        "rows": rows,
        "total": [_linked(work, result, result.total, index) for index in range(len(result.series))]
        if result.total
        else (),
        "empty": not any(value is not None for line in result.lines for value in line.values),
        "note": t("虚线为未满的本期") if result.more.get("unfinished") else "",
    }
    if result.type in ("number", "gauge", "progress"):
        common |= _one(work, result)
    if result.type == "leaderboard":
        common["entries"] = _entries(work, result)
    if result.type == "tilemap":
        common["tiles"] = tiles([(line, *_linked(work, result, line, 0)) for line in result.lines])
    if result.option is not None:
        common["option"] = _led(result.option)
    return Card(**common)


def href_of(drill: Drill | None) -> str:
    return url_for("lists.show", form=drill.form, where=drill.where or None) if drill else ""


def _linked(work: Work, result: Result, line: Line, index: int) -> tuple[str, str]:
    text = words.show(work, line.values[index], result.series[index].format, full=True)
    return text, href_of(line.drills[index] if index < len(line.drills) else None)


def _one(work: Work, result: Result) -> dict[str, Any]:
    series, line = result.series[0], result.lines[0]
    number, unit = figure(work, result.value, KINDS[series.format])
    found: dict[str, Any] = {
        "number": number,
        "unit": unit or (t("天") if series.format == "days" and result.value is not None else ""),
    }
    found["href"] = href_of(line.drills[0] if line.drills else None)
    found["parts"] = [(name, words.show(work, value, format)) for name, value, format in result.more.get("parts", ())]
    found["move"] = _move(work, result, series)
    target = result.more.get("target")
    if target is not None and result.value is not None:
        gap = (Decimal(result.value) - Decimal(target)) * 100
        goal = words.show(work, target, series.format)
        found["note"] = (
            t("目标 {goal}，已达到", goal=goal)
            if gap >= 0
            else t("目标 {goal}，还差 {gap} 个点", goal=goal, gap=f"{-gap:.1f}")
        )
    if result.type == "progress" and result.value is not None:
        found["share"] = max(0, min(1000, int(Decimal(result.value) * 1000)))
    return found


def _move(work: Work, result: Result, series: Series) -> Move | None:
    change = result.change
    if change is None:
        return None
    arrow = "▲" if change.difference > 0 else "▼" if change.difference < 0 else "–"
    if series.format == "percent":
        moved = t("{points} 个点", points=f"{abs(change.difference) * 100:.1f}")
    elif change.share is not None and series.format != "days":
        moved = f"{abs(change.share) * 100:.1f}%"
    else:
        moved = words.show(work, abs(change.difference), series.format)
    tone = {"good": "good", "bad": "poor"}.get(change.verdict, "t2")
    return Move(arrow, moved, change.label, tone)


def _entries(work: Work, result: Result) -> list[Entry]:
    values = [Decimal(line.values[0] or 0) for line in result.lines]
    most = max(values, default=Decimal(0))
    return [
        Entry(
            rank,
            line.label,
            words.show(work, line.values[0], result.series[0].format),
            int(value * 1000 / most) if most > 0 else 0,
            href_of(line.drills[0] if line.drills else None),
        )
        for rank, (line, value) in enumerate(zip(result.lines, values, strict=True), start=1)
    ]


def _led(option: Any) -> Any:
    """The option with each mark's records as the address of their list."""
    if isinstance(option, Mapping):
        if set(option) == {"form", "where"}:
            return url_for("lists.show", form=option["form"], where=option["where"] or None)
        return {key: _led(value) for key, value in option.items()}
    return [_led(one) for one in option] if isinstance(option, (list, tuple)) else option
