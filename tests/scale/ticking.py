"""Days that pass while two workers tick at once, and the checker of what came of them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from datetime import time as time_of_day
from typing import Any

from engine.calendar import instant
from tests.scale.house import HURRIED, House, soon

BILLS = 40
SCHEDULED = ("ladder", "watch", "again", "nightly")
WATCH_AFTER = 2  # the default of the setting
SETTLED_SECONDS = 40.0


def bills(house: House, due: date) -> dict[int, str]:
    """Bills due on this day, by id."""
    numbers = [f"B{n:02}" for n in range(BILLS)]
    rows = [{"number": number, "due": due.isoformat(), "contact": f"{number}@example.com"} for number in numbers]
    reply = house.web[0].post("/forms/bill/records:batch", {"records": rows}, house.keys["wang"])
    assert reply.status == 201, reply
    return dict(zip(reply.body["ids"], numbers, strict=True))


def day_is_done(house: House, day: date) -> bool:
    """Whether every rule has run for this day, and no job is left to anyone."""
    ran = house.rows("SELECT count(*) FROM g_rule_period WHERE period LIKE :day", day=f"%{day.isoformat()}%")[0][0]
    jobs = house.rows("SELECT count(*) FROM g_job WHERE state IN ('ready', 'running', 'handing_over')")[0][0]
    return bool(ran == len(SCHEDULED) and jobs == 0)


def kill_one(house: House, day: date, rng: random.Random) -> bool:
    """Kill one worker at a random moment after the work of the day has begun, and start another in its place.

    Answers whether anything was left to do.
    """
    begun = "SELECT 1 FROM g_firing WHERE scheduled_for >= :at LIMIT 1"
    at = instant(day, time_of_day(0), house.app.catalog.timezone)
    assert soon(lambda: bool(house.rows(begun, at=at)), SETTLED_SECONDS), left(house, day)
    time.sleep(rng.uniform(0, 0.3))
    chosen = rng.randrange(len(house.workers))
    house.workers[chosen].kill()
    in_the_middle = not day_is_done(house, day)
    house.workers[chosen] = house.start("worker", HURRIED)
    return in_the_middle


def settle(house: House, day: date) -> None:
    assert soon(lambda: day_is_done(house, day), SETTLED_SECONDS), left(house, day)


def left(house: House, day: date) -> list[Any]:
    return [
        house.rows("SELECT rule, period FROM g_rule_period WHERE period LIKE :day", day=f"%{day.isoformat()}%"),
        house.rows("SELECT kind, state, attempt, last_error FROM g_job WHERE state <> 'done' LIMIT 5"),
        [process.log.read_text()[-1000:] for process in house.workers],
    ]


def check(house: House, bills: dict[int, str], days: list[date], due: date, taken: Counter[str]) -> list[str]:
    """What did not happen exactly once, in words; the days are those on which the bills were there and unpaid."""
    problems: list[str] = []
    for kind, wanted, found in expected(house, bills, days, due):
        for what in wanted.keys() | found.keys():
            if wanted[what] != found[what]:
                problems.append(f"{kind} {what}: {found[what]} times, not {wanted[what]}")
    problems += mails(house, bills, taken)
    return problems


def expected(
    house: House, bills: dict[int, str], days: list[date], due: date
) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    """Per kind of effect how often each should be there, and how often it is."""
    steps = ("soon", "today", "late")
    late = [day for day in days if day >= due]
    watched = next(day for day in days if (day - due).days >= WATCH_AFTER)
    entries = {"nightly": days, "again": late, "watch": [watched]}

    def of(sql: str) -> Counter[Any]:
        return Counter(tuple(row) for row in house.rows(sql) if row[0] in bills)

    yield (
        "entry",
        Counter((b, kind, day) for b in bills for kind, on in entries.items() for day in on),
        of("SELECT bill, kind, day FROM entry"),
    )
    yield (
        "step",
        Counter((b, step, "fired") for b in bills for step in steps),
        of("SELECT record_id, step, state FROM g_ladder_step"),
    )
    yield (
        "firing of a step",
        Counter((b, step, "done") for b in bills for step in steps),
        of("SELECT record_id, step, state FROM g_firing WHERE rule = 'ladder'"),
    )
    yield "task", Counter((b, "soon") for b in bills), of("SELECT record_id, kind FROM g_task WHERE form = 'bill'")
    yield (
        "notice",
        Counter((f"{number} {day}到期",) for number in bills.values() for day in ("明天", "今天")),
        Counter(tuple(row) for row in house.rows("SELECT body FROM g_notice") if row[0][:3] in bills.values()),
    )


def mails(house: House, bills: dict[int, str], taken: Counter[str]) -> Iterator[str]:
    """A mail is written once, and taken once, or left to a person when its worker was killed while it went out."""
    rows = house.rows("SELECT o.subject, j.state FROM g_outbox o JOIN g_job j ON j.id = o.job_id")
    written = Counter(row[0] for row in rows)
    states = dict(map(tuple, rows))
    for number in bills.values():
        subject = f"{number} 逾期"
        state, times = states.get(subject), taken[subject]
        if written[subject] != 1:
            yield f"mail {subject}: written {written[subject]} times"
        if not ((state == "done" and times == 1) or (state == "uncertain" and times <= 1)):
            yield f"mail {subject}: {state}, taken {times} times"
