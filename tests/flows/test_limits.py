"""Limits: reminders, hand-overs and automatic decisions on a set clock and a working calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import notices
from flows import instances, tasks, timers
from flows.run import Run
from tests.flows.conftest import Company

CN = """
label: 中国
week: {mon: ["09:00-12:00", "13:00-18:00"], tue: ["09:00-12:00", "13:00-18:00"], wed: ["09:00-12:00", "13:00-18:00"],
       thu: ["09:00-12:00", "13:00-18:00"], fri: ["09:00-12:00", "13:00-18:00"]}
"""


def flow(limit: str, who: str = "{person: zhou}") -> str:
    return f"""
label: 时限
form: application
defaults: {{calendar: cn}}
steps:
  - approve: review
    label: 财务初审
    who: {who}
    limit: {limit}
"""


REMIND_THEN_TRANSFER = "[{after: 4 workhours, remind: true}, {after: 1 workday, transfer: superior}]"


def at(company: Company, day: int, hour: int, minute: int = 0) -> int:
    """Move the clock to this time of March 2026 in Shanghai and do what is due."""
    company.clock.set(datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8))
    return timers.run_due(company.app)


def told(company: Company, login: str) -> list[str]:
    with company.work(login, read=True) as work:
        return [notice.title for notice in notices.mine(work)][::-1]


def test_remind_then_transfer_to_the_superior(found: Callable[..., Company]) -> None:
    company = found(flow(REMIND_THEN_TRANSFER), calendars__cn=CN)
    instance = company.submit()  # Monday, 9 o'clock
    assert at(company, 2, 13, 59) == 0
    assert at(company, 2, 14, 0) == 1
    assert [title.split(":")[0] for title in told(company, "zhou")] == ["待审批", "请尽快处理"]
    assert at(company, 2, 14, 1) == 0
    assert company.waiting(instance.id) == {"review": ["zhou"]}
    assert at(company, 3, 9, 0) == 1
    assert company.waiting(instance.id) == {"review": ["zhao"]}
    assert "transferred" in company.types(instance.id)


def test_the_time_limit_is_the_last_reminder_before_something_happens(found: Callable[..., Company]) -> None:
    company = found(flow(REMIND_THEN_TRANSFER), calendars__cn=CN)
    company.submit()
    (item,) = company.open("zhou")
    assert item.due_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    company.clock.set(datetime(2026, 3, 2, 6, 1, tzinfo=UTC))
    (item,) = company.open("zhou")
    assert item.overdue
    with company.work("zhou", read=True) as work:
        assert tasks.counts(work) == {"open": 1, "overdue": 1, "started": 0, "copied": 0}


def test_a_weekend_and_the_night_do_not_count(found: Callable[..., Company]) -> None:
    company = found(flow("[{after: 4 workhours, remind: true}]"), calendars__cn=CN)
    company.clock.set(datetime(2026, 3, 6, 9, 0, tzinfo=UTC))  # Friday, 17 o'clock
    company.submit()
    (item,) = company.open("zhou")
    assert item.due_at == datetime(2026, 3, 9, 4, 0, tzinfo=UTC)  # Monday at noon


def test_a_holiday_does_not_count_and_a_make_up_day_does(found: Callable[..., Company]) -> None:
    year = 'years:\n  2026:\n    off: {假日: "03-03"}\n    work: ["03-07"]\n'
    company = found(flow("[{after: 1 workday, remind: true}]"), calendars__cn=CN + year)
    company.submit()
    (item,) = company.open("zhou")
    assert item.due_at == datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
    company.decide("zhou")
    company.clock.set(datetime(2026, 3, 6, 2, 0, tzinfo=UTC))  # Friday, 10 o'clock; Saturday is worked
    company.submit()
    (item,) = company.open("zhou")
    assert item.due_at == datetime(2026, 3, 9, 2, 0, tzinfo=UTC) - timedelta(days=2)


def test_missed_entries_collapse_into_the_last_change(found: Callable[..., Company]) -> None:
    company = found(flow(REMIND_THEN_TRANSFER), calendars__cn=CN)
    instance = company.submit()
    at(company, 5, 9)
    assert [title.split(":")[0] for title in told(company, "zhou")] == ["待审批"]
    assert company.waiting(instance.id) == {"review": ["zhao"]}
    assert company.types(instance.id).count("transferred") == 1
    assert company.open("zhao")[0].due_at == datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


def test_after_three_hops_or_at_the_top_an_admin_gets_it(found: Callable[..., Company]) -> None:
    company = found(flow("[{after: 1 hour, transfer: superior}]"), calendars__cn=CN)
    instance = company.submit()
    holders = []
    for hour in range(10, 14):
        at(company, 2, hour)
        holders.append(company.waiting(instance.id)["review"][0])
    assert holders[:3] == ["zhao", "boss", "admin"]


@pytest.mark.parametrize(("action", "status"), [("agree", "approved"), ("reject", "rejected")])
def test_a_limit_may_decide(found: Callable[..., Company], action: str, status: str) -> None:
    company = found(flow(f"[{{after: 2 days, {action}: true}}]"), calendars__cn=CN)
    instance = company.submit()
    at(company, 4, 9)
    assert company.status(instance.id) == status
    with company.work() as work:
        decided = [line for line in instances.story(work, instance.id) if line.type == "decided"]
    assert [(line.actor, line.payload["auto"]) for line in decided] == [("系统", True)]


def test_every_signer_has_their_own_clock(found: Callable[..., Company]) -> None:
    both = flow("[{after: 1 hour, remind: true}]", "[{person: zhou}, {person: fa}]") + "    sign: all\n"
    company = found(both, calendars__cn=CN)
    company.submit()
    company.decide("zhou")
    assert at(company, 2, 10) == 1
    assert len(told(company, "zhou")) == 1
    assert len(told(company, "fa")) == 2


def test_limits_start_anew_after_a_return(found: Callable[..., Company]) -> None:
    company = found(flow("[{after: 1 hour, remind: true}]"), calendars__cn=CN)
    company.submit()
    company.decide("zhou", "return", opinion="?")
    at(company, 2, 12)
    company.decide("lin", "resubmit")
    assert company.open("zhou")[0].due_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_an_unclaimed_pool_goes_to_the_superior_too(found: Callable[..., Company]) -> None:
    company = found(flow("[{after: 1 hour, transfer: superior}]", "{role: finance}"), calendars__cn=CN)
    instance = company.submit()
    at(company, 2, 10)
    assert company.waiting(instance.id) == {"review": ["zhao"]}
    assert company.open("anran") == []


def test_a_limit_that_fails_is_an_incident_and_the_others_go_on(
    found: Callable[..., Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = found(flow("[{after: 1 hour, transfer: superior}]"), calendars__cn=CN)
    broken, fine = company.submit("1"), company.submit("2")
    hand_over = timers.hand_over

    def fail(run: Run, *given: Any, **more: Any) -> None:
        if run.state.instance.id == broken.id:
            raise RuntimeError("断线")
        hand_over(run, *given, **more)

    monkeypatch.setattr(timers, "hand_over", fail)
    assert at(company, 2, 10) == 1
    assert at(company, 2, 11) == 1  # the next hop of the other one
    assert company.waiting(broken.id) == {"review": ["zhou"]}
    assert company.waiting(fine.id) == {"review": ["boss"]}
    monkeypatch.undo()
    with company.work("admin") as work:
        assert instances.get(work, broken.id).incident == "断线"
        assert instances.retry(work, broken.id).incident is None
    assert at(company, 2, 11, 1) == 1
    assert company.waiting(broken.id) == {"review": ["zhao"]}


WAIT = """
label: 等待
form: application
defaults: {calendar: cn}
steps:
  - wait: cool_down
    for: 2 workdays
  - wait: ready
    until: ready_on
  - approve: review
    who: {person: zhou}
"""


def test_a_wait_lets_time_pass(found: Callable[..., Company]) -> None:
    from datetime import date

    company = found(WAIT, calendars__cn=CN)
    instance = company.submit(ready_on=date(2026, 3, 6))
    assert company.open("zhou") == []
    at(company, 4, 8)
    assert company.types(instance.id).count("waits") == 1
    at(company, 4, 9)
    assert company.open("zhou") == []
    at(company, 5, 23, 59)
    assert company.open("zhou") == []
    at(company, 6, 0)
    assert company.waiting(instance.id) == {"review": ["zhou"]}


def test_a_past_date_passes_at_once(found: Callable[..., Company]) -> None:
    from datetime import date

    company = found(WAIT.replace("  - wait: cool_down\n    for: 2 workdays\n", ""), calendars__cn=CN)
    instance = company.submit(ready_on=date(2026, 3, 2))
    assert company.waiting(instance.id) == {"review": ["zhou"]}
