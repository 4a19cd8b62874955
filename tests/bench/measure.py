"""Measure: two sides in turn, A B A B, and what is printed of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the table: a work, what Guiju took, what the other side took, and how they compare.

    `ratio` is ours over theirs in the unit of the figures; `holds` says whether the aim is met, None without one.
    """

    work: str
    ours: str
    other: str
    ratio: float | None = None
    aim: str = ""
    holds: bool | None = None


Side = Callable[[], object]


def interleaved(
    sides: Mapping[str, Side], rounds: int, between: Callable[[str], object] | None = None
) -> dict[str, float]:
    """The median seconds of each side, run in turn so that noise of the machine meets all of them.

    `between` is called before each run, outside of its time, with the name of the side.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            if between is not None:
                between(name)
            start = time.perf_counter()
            side()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def ms(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def at_most(work: str, ours: float, other: float, named: str, limit: float, note: str = "") -> Line:
    """A line whose aim is a time of at most `limit` times the other side's."""
    ratio = ours / other
    return Line(work, ms(ours), f"{ms(other)} {named}", ratio, f"<= {limit:g}x{note}", ratio <= limit)


def at_least(work: str, ours: float, other: float, named: str) -> Line:
    """A line whose aim is a rate of at least the other side's; both are per second."""
    ratio = ours / other
    return Line(work, f"{ours:,.0f}/s", f"{other:,.0f}/s {named}", ratio, ">= 1x", ratio >= 1)


def table(lines: list[Line]) -> str:
    """The lines as text in columns."""
    rows = [("work", "Guiju", "beside", "ratio", "aim", "")]
    for line in lines:
        verdict = {True: "met", False: "MISSED", None: ""}[line.holds]
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        rows.append((line.work, line.ours, line.other, ratio, line.aim, verdict))
    widths = [max(len(row[at]) for row in rows) for at in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
