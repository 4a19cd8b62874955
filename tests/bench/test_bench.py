"""The works of the bench run, on data that is too small to be measured."""

from __future__ import annotations

import importlib

import pytest

from tests.bench.__main__ import WORKS
from tests.bench.measure import Line, interleaved, table
from tests.bench.stage import Sizes, opened

TINY = Sizes(customers=20, receivables=500, imported=50, created=5, approvals=2, rounds=1)


@pytest.mark.parametrize(
    "name", [name for name in WORKS if name != "starting"]
)  # which only starts processes and waits
def test_a_work_runs_and_agrees_with_its_twin(name: str) -> None:
    with opened("sqlite", TINY) as stage:
        lines = list(importlib.import_module(f"tests.bench.works.{name}").run(stage))
    compared = [line.ratio for line in lines if line.ratio is not None]
    assert compared
    assert all(ratio > 0 for ratio in compared)


def test_sides_take_turns() -> None:
    seen: list[str] = []
    taken = interleaved(
        {"ours": lambda: seen.append("a"), "theirs": lambda: seen.append("b")}, 2, lambda _: seen.append("-")
    )
    assert "".join(seen) == "-a-b-a-b"
    assert taken.keys() == {"ours", "theirs"}


def test_a_missed_aim_is_said() -> None:
    assert "MISSED" in table([Line("list", "2 ms", "1 ms raw", 2.0, "<= 1x", False)])
