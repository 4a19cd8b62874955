"""History: every version of a record, with exact values, who and why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from engine import history
from engine.app import App
from engine.clock import SetClock
from engine.events import Cause
from engine.principal import SYSTEM, Principal

WANG = Principal(7, "wang", "王")


def test_versions_come_newest_first_and_page(app: App, clock: SetClock) -> None:
    with app.work(WANG, cause=Cause("page", "customer", "c1")) as work:
        history.write(work, "customer", 1, 1, "created", {"name": (None, "华东精工")})
    clock.set(datetime(2026, 3, 3, tzinfo=UTC))
    with app.work(SYSTEM, cause=Cause("rule", "overdue", "c2")) as work:
        history.write(work, "customer", 1, 2, "updated", {"status": ("normal", "watch")})
        history.write(work, "customer", 2, 1, "created", {})
    with app.work(WANG, read=True) as work:
        found = history.of(work, "customer", 1)
        assert [(e.version, e.kind, e.actor, e.cause_kind, e.cause_id, e.chain) for e in found] == [
            (2, "updated", "系统", "rule", "overdue", "c2"),
            (1, "created", "王", "page", "customer", "c1"),
        ]
        assert found[0].changes == {"status": ("normal", "watch")}
        assert [e.at.day for e in found] == [3, 2]
        assert [e.version for e in history.of(work, "customer", 1, limit=1)] == [2]
        assert [e.version for e in history.of(work, "customer", 1, before=2)] == [1]
        assert history.of(work, "customer", 3) == []


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("1250.50"), "1250.50"),
        (Decimal("0.10"), "0.10"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC), "2026-03-01T02:03:04+00:00"),
        (("a", "b"), ["a", "b"]),
        (None, None),
        (True, True),
        (7, 7),
        ("甲\n乙", "甲\n乙"),
    ],
)
def test_values_are_kept_exactly(app: App, value: object, kept: object) -> None:
    with app.work(WANG) as work:
        history.write(work, "customer", 1, 1, "created", {"field": (None, value)})
        assert history.of(work, "customer", 1)[0].changes == {"field": (None, kept)}


def test_many_rows_of_one_form_are_kept_at_once(app: App) -> None:
    with app.work(WANG) as work:
        history.write_many(work, "customer", "created", [(id, 1, {"n": (None, id)}) for id in range(1, 101)])
        history.write_many(work, "customer", "created", [])
        assert history.of(work, "customer", 100)[0].changes == {"n": (None, 100)}


def test_the_same_version_twice_is_refused(app: App) -> None:
    with pytest.raises(IntegrityError), app.work(WANG) as work:
        history.write(work, "customer", 1, 1, "created", {})
        history.write(work, "customer", 1, 1, "created", {})
