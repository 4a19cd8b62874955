"""Working time: before hours, after hours, lunch, holidays, make-up days, and the ends of months and years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine import notices, people, shape
from engine.app import App
from engine.calendar import (
    SCHEMA,
    BadDuration,
    Calendar,
    Duration,
    compile_calendar,
    default_calendar,
    instant,
    prepare,
    quiet_until,
    workdays,
)
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.errors import EvaluationError, Problems
from engine.principal import SYSTEM, Principal
from engine.source import read, read_text

ROOT = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
CN = """
label: 工作日历
week:
  mon-fri: ["09:00-12:00", "13:30-18:00"]
years:
  2026:
    source: 国办发明电〔2025〕7号
    off: {元旦: 01-01..01-03, 春节: 02-15..02-23, 国庆节: 10-01..10-07}
    work: ["01-04", "02-14", "02-28", "10-10"]
    hours: {"12-31": ["09:00-12:00"]}
"""


def calendar_of(text: str, zone: ZoneInfo = SHANGHAI) -> Calendar:
    problems = Problems()
    document = read_text(text, "calendars/cn.yaml")
    assert shape.check(document, SCHEMA, problems), problems.errors
    found = compile_calendar(document, problems, zone, "cn")
    problems.raise_if_any()
    assert found
    return found


@pytest.fixture(scope="module")
def cn() -> Calendar:
    return calendar_of(CN)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(calendar: Calendar, start: str, within: str) -> str:
    found = calendar.due_at(at(start, calendar.zone), Duration.parse(within))
    assert found.tzinfo is UTC
    return f"{found.astimezone(calendar.zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        ("2026-01-01", False, "holiday"),
        ("2026-01-03", False, "holiday on a Saturday"),
        ("2026-01-04", True, "make-up Sunday"),
        ("2026-02-14", True, "make-up Saturday"),
        ("2026-02-23", False, "holiday on a Monday"),
        ("2026-02-24", True, "Tuesday after"),
        ("2026-02-28", True, "make-up Saturday at the end of the month"),
        ("2026-03-01", False, "Sunday"),
        ("2026-12-31", True, "half day"),
        ("2027-10-01", True, "a Friday of a year without data follows the week"),
        ("2027-10-02", False, "a Saturday of a year without data"),
    ],
)
def test_workdays(cn: Calendar, day: str, works: bool, why: str) -> None:
    assert cn.is_workday(date.fromisoformat(day)) is works, why


@pytest.mark.parametrize(
    ("start", "within", "ends", "why"),
    [
        ("2026-03-02 10:00", "2 workhours", "2026-03-02 12:00", "up to the minute of lunch"),
        ("2026-03-02 10:00", "3 workhours", "2026-03-02 14:30", "over lunch"),
        ("2026-03-02 12:30", "1 workhour", "2026-03-02 14:30", "begun at lunch"),
        ("2026-03-02 07:00", "1 workhour", "2026-03-02 10:00", "begun before hours"),
        ("2026-03-02 19:00", "1 workhour", "2026-03-03 10:00", "begun after hours"),
        ("2026-03-02 18:00", "1 workhour", "2026-03-03 10:00", "begun at the minute of closing"),
        ("2026-03-02 09:00", "7 workhours", "2026-03-02 17:30", "within a day"),
        ("2026-03-02 09:00", "8 workhours", "2026-03-03 09:30", "a day has seven and a half"),
        ("2026-03-06 17:00", "2 workhours", "2026-03-09 10:00", "over a weekend"),
        ("2026-03-07 10:00", "1 workhour", "2026-03-09 10:00", "begun on a Saturday"),
        ("2026-09-30 17:00", "4 workhours", "2026-10-08 12:00", "over the national holiday"),
        ("2026-10-02 10:00", "1 workhour", "2026-10-08 10:00", "begun on a holiday"),
        ("2026-10-09 17:00", "2 workhours", "2026-10-10 10:00", "into a make-up Saturday"),
        ("2026-02-13 17:00", "2 workhours", "2026-02-14 10:00", "into a make-up Saturday before the holiday"),
        ("2026-02-14 17:30", "1 workhour", "2026-02-24 09:30", "over the spring festival"),
        ("2026-12-31 11:00", "2 workhours", "2027-01-01 10:00", "over a half day and a year without data"),
        ("2026-03-02 10:00", "1 workday", "2026-03-03 10:00", "the same time tomorrow"),
        ("2026-03-06 16:00", "1 workday", "2026-03-09 16:00", "Friday to Monday"),
        ("2026-03-06 20:00", "1 workday", "2026-03-10 09:00", "after hours counts from Monday's opening"),
        ("2026-03-07 11:00", "1 workday", "2026-03-10 09:00", "Saturday counts from Monday's opening"),
        ("2026-03-02 05:00", "1 workday", "2026-03-03 09:00", "before hours counts from that day's opening"),
        ("2026-03-02 12:30", "1 workday", "2026-03-03 13:30", "lunch counts from its end"),
        ("2026-09-30 10:00", "3 workdays", "2026-10-10 10:00", "the make-up Saturday counts"),
        ("2026-02-13 10:00", "2 workdays", "2026-02-24 10:00", "a make-up day, then the holiday"),
        ("2026-01-02 10:00", "1 workday", "2026-01-05 09:00", "begun on a holiday before a make-up Sunday"),
        ("2026-12-30 16:00", "1 workday", "2026-12-31 12:00", "the day closes earlier"),
        ("2026-12-31 11:00", "1 workday", "2027-01-01 11:00", "into a year without data"),
        ("2026-02-27 10:00", "1 workday", "2026-02-28 10:00", "the end of a month"),
        ("2026-03-06 16:00", "3 days", "2026-03-09 16:00", "days run on"),
        ("2026-02-28 23:59", "1 day", "2026-03-01 23:59", "the end of February"),
        ("2026-12-31 08:00", "1 week", "2027-01-07 08:00", "over the year"),
        ("2026-03-06 23:30", "2 hours", "2026-03-07 01:30", "hours are elapsed time"),
        ("2026-03-06 23:45", "30 minutes", "2026-03-07 00:15", "over midnight"),
    ],
)
def test_due(cn: Calendar, start: str, within: str, ends: str, why: str) -> None:
    assert due(cn, start, within) == ends, why


def test_the_example_of_a_nine_to_five_week() -> None:
    nine_to_five = calendar_of("label: 九到五\nweek: {mon-fri: ['09:00-17:00']}\n")
    assert due(nine_to_five, "2026-03-06 16:00", "4 workhours") == "2026-03-09 12:00"


def test_seconds_are_kept(cn: Calendar) -> None:
    start = datetime(2026, 3, 2, 10, 0, 7, 125, tzinfo=SHANGHAI)
    assert cn.due_at(start, Duration.parse("1 workhour")) == start + timedelta(hours=1)
    assert cn.due_at(start, Duration.parse("1 workday")) == start + timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "within", "ends", "why"),
    [
        ("2026-03-28T20:00", "1 days", "2026-03-29T18:00Z", "the same time on the wall after the clocks went forward"),
        ("2026-03-28T02:30", "1 day", "2026-03-29T01:00Z", "a time that the clocks jump over: the next valid one"),
        ("2026-10-24T02:30", "1 day", "2026-10-25T00:30Z", "a time that comes twice: the first"),
        ("2026-03-28T20:00", "12 hours", "2026-03-29T07:00Z", "elapsed time does not care"),
        ("2026-03-27T17:00", "1 workday", "2026-03-30T15:00Z", "over the change"),
        ("2026-03-27T17:00", "2 workhours", "2026-03-30T08:00Z", "open hours over the change"),
    ],
)
def test_clocks_that_change(start: str, within: str, ends: str, why: str) -> None:
    berlin = default_calendar(BERLIN)
    assert berlin.due_at(at(start, BERLIN), Duration.parse(within)) == datetime.fromisoformat(ends), why


def test_a_shift_across_the_jump_is_as_long_as_it_really_is() -> None:
    night = calendar_of("label: 夜班\nweek: {sun: ['00:00-06:00']}\n", BERLIN)
    start = at("2026-03-29T00:00", BERLIN)
    assert night.due_at(start, Duration.parse("5 workhours")) == at("2026-03-29T06:00", BERLIN)


@pytest.mark.parametrize(
    ("day", "n", "then"),
    [
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-03", 1, "2026-10-08"),
        ("2026-10-03", -1, "2026-09-30"),
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-10-11", -1, "2026-10-10"),
        ("2026-10-03", 0, "2026-10-03"),
        ("2026-12-31", 1, "2027-01-01"),
        ("2026-01-05", -1, "2026-01-04"),
        ("2026-01-05", -2, "2025-12-31"),
    ],
)
def test_adding_workdays(cn: Calendar, day: str, n: int, then: str) -> None:
    assert cn.add_workdays(date.fromisoformat(day), n) == date.fromisoformat(then)


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        ("2026-09-30", "2026-10-10", 3),
        ("2026-10-01", "2026-10-07", 0),
        ("2026-10-10", "2026-09-30", -3),
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-06", "2026-03-09", 1),
    ],
)
def test_workdays_between(cn: Calendar, a: str, b: str, days: int) -> None:
    assert cn.workdays_between(date.fromisoformat(a), date.fromisoformat(b)) == days


@settings(max_examples=200, deadline=None)
@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(-60, 60))
def test_counting_is_the_inverse_of_adding(day: date, n: int) -> None:
    cn = calendar_of(CN)
    there = cn.add_workdays(day, n)
    if n > 0:
        assert cn.workdays_between(day, there) == n
    if n < 0 and cn.is_workday(day):
        assert cn.workdays_between(there, day) == -n
    slow = sum(cn.is_workday(min(day, there) + timedelta(i)) for i in range(1, abs((there - day).days) + 1))
    assert abs(cn.workdays_between(day, there)) == slow


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)), st.integers(1, 40))
def test_workhours_are_the_open_minutes_in_between(start: datetime, hours: int) -> None:
    cn = calendar_of(CN)
    begin = start.replace(second=0, microsecond=0, tzinfo=SHANGHAI).astimezone(UTC)
    end = cn.due_at(begin, Duration(hours, "workhours"))
    open_minutes, moment = 0, begin
    while moment < end:
        open_minutes += cn.open_at(moment)
        moment += timedelta(minutes=1)
    assert open_minutes == hours * 60
    assert cn.open_at(end - timedelta(minutes=1))


def test_rolling(cn: Calendar) -> None:
    saturday = date(2026, 3, 7)
    assert [cn.roll(saturday, how) for how in ("none", "previous", "next")] == [
        saturday,
        date(2026, 3, 6),
        date(2026, 3, 9),
    ]
    assert cn.roll(date(2026, 10, 10), "next") == date(2026, 10, 10)
    assert cn.roll(date(2026, 10, 3), "previous") == date(2026, 9, 30)


def test_open_hours_end_before_their_last_minute(cn: Calendar) -> None:
    times = ("08:59", "09:00", "11:59", "12:00", "13:30", "17:59", "18:00")
    assert [cn.open_at(at(f"2026-03-02 {time}")) for time in times] == [False, True, True, False, True, True, False]
    assert not cn.open_at(at("2026-10-01 10:00"))
    assert cn.open_at(datetime(2026, 3, 2, 1, tzinfo=UTC))


def test_holidays_have_names(cn: Calendar) -> None:
    assert cn.holiday(date(2026, 10, 3)) == "国庆节"
    assert cn.holiday(date(2026, 10, 8)) is None
    assert cn.holiday(date(2030, 10, 3)) is None


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), "还没有 2027 年"),
        (date(2027, 1, 1), "没有 2027 年"),
    ],
)
def test_a_missing_year_is_told(cn: Calendar, today: date, words: str | None) -> None:
    told = cn.warning(today)
    assert told is None if words is None else told and words in told
    assert default_calendar(SHANGHAI).warning(today) is None


def test_the_year_out_of_reach_is_an_error_not_a_wrong_number(cn: Calendar) -> None:
    with pytest.raises(EvaluationError, match="outside the years"):
        cn.workdays_between(date(1999, 1, 1), date(2026, 1, 1))
    with pytest.raises(EvaluationError):
        cn.add_workdays(date(2050, 12, 30), 10)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("4 workhours", 4, "workhours"),
        ("1 workday", 1, "workdays"),
        ("1 workdays", 1, "workdays"),
        ("30 minutes", 30, "minutes"),
        ("3 days", 3, "days"),
        ("2 weeks", 2, "weeks"),
    ],
)
def test_durations_read(text: str, amount: int, unit: str) -> None:
    found = Duration.parse(text)
    assert (found.amount, found.unit, found.working) == (amount, unit, unit.startswith("work"))
    assert Duration.parse(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "workday",
        "4workhours",
        "1.5 days",
        "four days",
        "-1 day",
        "0 days",
        "1e3 days",
        "3 months",
        "999999 days",
        "١ day",
    ],
)
def test_nonsense_is_no_duration(text: str) -> None:
    with pytest.raises(BadDuration) as refused:
        Duration.parse(text)
    assert refused.value.hint


@pytest.mark.parametrize(("text", "amount"), [("-3 days", -3), ("+1 day", 1), ("0 days", 0), ("2 workdays", 2)])
def test_signed_durations_read_where_they_are_wanted(text: str, amount: int) -> None:
    assert Duration.parse(text, signed=True).amount == amount


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-01 21:59", None),
        ("2026-03-01 22:00", "2026-03-02 08:00"),
        ("2026-03-01 23:59", "2026-03-02 08:00"),
        ("2026-03-02 00:00", "2026-03-02 08:00"),
        ("2026-03-02 07:59", "2026-03-02 08:00"),
        ("2026-03-02 08:00", None),
        ("2026-12-31 23:00", "2027-01-01 08:00"),
    ],
)
def test_quiet_hours_over_midnight(now: str, until: str | None) -> None:
    found = quiet_until(at(now), time(22), time(8), SHANGHAI)
    assert found == (at(until) if until else None)


def test_quiet_hours_within_a_day() -> None:
    assert quiet_until(at("2026-03-01 12:30"), time(12), time(14), SHANGHAI) == at("2026-03-01 14:00")
    assert quiet_until(at("2026-03-01 14:00"), time(12), time(14), SHANGHAI) is None
    assert quiet_until(at("2026-03-01 14:00"), time(8), time(8), SHANGHAI) is None


def test_a_time_on_the_wall_becomes_one_instant() -> None:
    assert instant(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("week: {mon: ['09:00-25:00']}", "cn.yaml:2:14: '09:00-25:00' holds a time that does not exist"),
        ("week: {mon: ['18:00-09:00']}", "'18:00-09:00' ends before it begins"),
        ("week: {mon: ['09:00-13:00', '12:00-18:00']}", "'12:00-18:00' begins before the hours before it end"),
        ("week: {mon-fri: ['09:00-18:00'], fri: ['09:00-12:00']}", "'fri' has its hours twice"),
        ("week: {fri-mon: ['09:00-18:00']}", "'fri-mon' runs backwards"),
        ("week: {mon: []}", "the week has no open hours"),
        ("timezone: Moon/Base\nweek: {mon: ['09:00-18:00']}", "there is no time zone 'Moon/Base'"),
        ("week: {mon: ['09:00-18:00']}\nyears: {2026: {off: {春节: 02-30}}}", "'02-30' is no day of 2026"),
        ("week: {mon: ['09:00-18:00']}\nyears: {2026: {off: {元旦: 12-31..01-02}}}", "'12-31..01-02' runs backwards"),
        (
            "week: {mon: ['09:00-18:00']}\nyears: {2026: {off: {一: 05-01..05-03, 二: 05-03}}}",
            "2026-05-03 is off twice",
        ),
        (
            "week: {mon: ['09:00-18:00']}\nyears: {2026: {off: {一: 05-01}, work: [05-01]}}",
            "both off and a make-up day",
        ),
        ("week: {mon: ['09:00-18:00']}\nyears: {1066: {}}", "the year 1066 is out of reach"),
    ],
)
def test_a_wrong_calendar_is_told_at_its_place(text: str, words: str) -> None:
    problems = Problems()
    document = read_text(f"label: 日历\n{text}\n", "cn.yaml")
    assert shape.check(document, SCHEMA, problems)
    assert compile_calendar(document, problems, SHANGHAI, "cn") is None
    assert words in str(problems.errors[0])
    assert problems.errors[0].hint


@pytest.mark.parametrize(
    "text", ["week: {}", "week: {monday: ['09:00-18:00']}", "week: {mon: 9}", "week: {mon: ['9-18']}", "label: x"]
)
def test_a_wrong_shape_is_refused(text: str) -> None:
    assert not shape.check(read_text(f"{text}\n", "cn.yaml"), SCHEMA, Problems())


# Days off that are no weekends, and make-up days, as published; checked against two independent packages.
OFFICIAL: dict[int, tuple[set[str], set[str]]] = {
    2025: (
        {
            *("01-01", "01-28", "01-29", "01-30", "01-31", "02-03", "02-04", "04-04", "05-01", "05-02", "05-05"),
            *("06-02", "10-01", "10-02", "10-03", "10-06", "10-07", "10-08"),
        },
        {"01-26", "02-08", "04-27", "09-28", "10-11"},
    ),
    2026: (
        {
            *("01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04"),
            *("05-05", "06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07"),
        },
        {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"},
    ),
}


@pytest.mark.parametrize("year", OFFICIAL)
def test_the_calendar_of_the_credit_app_is_the_official_one(year: int) -> None:
    problems = Problems()
    document = read(ROOT / "examples/credit/calendars/cn.yaml")
    assert shape.check(document, SCHEMA, problems)
    shipped = compile_calendar(document, problems, SHANGHAI, "cn")
    assert shipped and shipped.years[year].source
    days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
    off = {f"{day:%m-%d}" for day in days if day.weekday() < 5 and not shipped.is_workday(day)}
    make_up = {f"{day:%m-%d}" for day in days if day.weekday() > 4 and shipped.is_workday(day)}
    assert (off, make_up) == OFFICIAL[year]


def numbers(app: App, calendar: str) -> dict[date, int]:
    with app.work(SYSTEM, read=True) as work:
        rows = work.execute(select(workdays).where(workdays.c.calendar == calendar))
        return {row.day: row.number for row in rows}


def test_publishing_numbers_the_working_days(database: Database, folder: Callable[[dict[str, str]], Path]) -> None:
    app = App(Catalog.load(folder({"calendars/cn.yaml": CN})), database, [])
    app.publish(app.catalog)
    cn, found = app.catalog.calendar("cn"), numbers(app, "cn")
    for day in (date(2010, 1, 1), date(2026, 9, 30), date(2026, 10, 3), date(2026, 10, 10), date(2050, 12, 31)):
        assert found[day] == cn.number(day)
    assert found[date(2026, 10, 10)] - found[date(2026, 9, 30)] == 3
    assert len(found) == (date(2050, 12, 31) - date(2010, 1, 1)).days + 1
    assert numbers(app, "default")[date(2026, 10, 10)] != found[date(2026, 10, 10)]


def test_only_a_changed_calendar_is_numbered_anew(database: Database, folder: Callable[[dict[str, str]], Path]) -> None:
    app = App(Catalog.load(folder({"calendars/cn.yaml": CN})), database, [])
    app.publish(app.catalog)
    statements: list[str] = []
    with app.work(SYSTEM) as work:
        original: Any = work.driver
        work.driver = lambda sql, values=None: (statements.append(sql), original(sql, values))[1]  # type: ignore[method-assign]
        prepare(work, app.catalog.calendars.values())
    assert statements == []
    app.publish(Catalog.load(folder({"calendars/cn.yaml": CN.replace('"10-10"', '"10-11"')})))
    found = numbers(app, "cn")
    assert found[date(2026, 10, 10)] == found[date(2026, 10, 9)]
    assert found[date(2026, 10, 11)] == found[date(2026, 10, 10)] + 1


def test_those_who_publish_are_told_once_of_a_missing_year(
    database: Database, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = {"calendars/cn.yaml": CN, "roles.yaml": "admin: {label: 管理员, can: [publish]}\nsales: {label: 销售}\n"}
    clock = SetClock(datetime(2026, 10, 31, 15, tzinfo=UTC))
    app = App(Catalog.load(folder(files)), database, [], clock)
    app.publish(app.catalog)
    with app.work(SYSTEM) as work:
        people.load(
            work, {"people": {"li": {"name": "李", "roles": ["admin"]}, "wu": {"name": "吴", "roles": ["sales"]}}}
        )
        li, wu = people.principal(work, "li"), people.principal(work, "wu")
    app.due()
    assert told(app, li) == []
    clock.set(datetime(2026, 10, 31, 16, 30, tzinfo=UTC))  # the first of November in Shanghai
    for _ in range(3):
        app.due()
        App(app.catalog, database, [], clock).due()  # another process
    assert told(app, li) == ["日历「工作日历」还没有 2027 年的节假日安排, 请在通知发布后补充"]
    assert told(app, wu) == []


def told(app: App, principal: Principal) -> list[str]:
    with app.work(principal, read=True) as work:
        return [notice.title for notice in notices.mine(work)]
