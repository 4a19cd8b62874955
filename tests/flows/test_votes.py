"""Votes: the rule of counting by itself."""

from __future__ import annotations

from typing import Any

import pytest

from flows.votes import verdict

ALL, ANY, EVERY = {"mode": "all"}, {"mode": "any"}, {"mode": "any", "reject_needs": "all"}
PATIENT = {"mode": "all", "on_refusal": "wait_all"}
TWO_THIRDS, TWO = {"mode": "vote", "percent": 67}, {"mode": "vote", "count": 2}


@pytest.mark.parametrize(
    ("rule", "total", "agreed", "refused", "live", "outcome"),
    [
        (ALL, 3, 2, 0, 1, None),
        (ALL, 3, 3, 0, 0, "approve"),
        (ALL, 3, 1, 1, 1, "reject"),
        (PATIENT, 3, 1, 1, 1, None),
        (PATIENT, 3, 2, 1, 0, "reject"),
        (ANY, 3, 0, 0, 3, None),
        (ANY, 3, 1, 0, 2, "approve"),
        (ANY, 3, 0, 1, 2, "reject"),
        (EVERY, 3, 0, 2, 1, None),
        (EVERY, 3, 0, 3, 0, "reject"),
        (EVERY, 3, 1, 2, 0, "approve"),
        (TWO_THIRDS, 3, 2, 0, 1, None),
        (TWO_THIRDS, 3, 2, 1, 0, "reject"),
        (TWO_THIRDS, 100, 67, 0, 33, "approve"),
        (TWO_THIRDS, 100, 66, 33, 1, None),
        (TWO_THIRDS, 100, 66, 34, 0, "reject"),
        (TWO, 5, 2, 0, 3, "approve"),
        (TWO, 5, 1, 3, 1, None),
        (TWO, 5, 0, 4, 1, "reject"),
    ],
)
def test_the_verdict(
    rule: dict[str, Any], total: int, agreed: int, refused: int, live: int, outcome: str | None
) -> None:
    assert verdict(rule, total, agreed, refused, live) == outcome
