"""Jobs: put once, claimed by one, let go by a lease, fenced against a late hand, in order per serial."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from engine import audit, claims, jobs, trays
from engine.app import App
from engine.claims import Claimed, Fenced, claim
from engine.clock import SetClock
from engine.errors import Conflict, InputError
from engine.events import Cause
from engine.heart import Heart
from engine.principal import SYSTEM, Principal

WANG = Principal(7, "wang", "王")


def put(app: App, key: str, **more: Any) -> int | None:
    with app.work(WANG) as work:
        return jobs.put(work, "x", {"key": key}, key=key, **more)


def state(app: App, key: str) -> str:
    with app.work(SYSTEM, read=True) as work:
        return str(work.driver("SELECT state FROM g_job WHERE key = :key", {"key": key}).fetchone()[0])


def lose(app: App, claimed: Claimed) -> None:
    """Let the lease run out, as if the worker had been away for a minute."""
    with app.work(SYSTEM) as work:
        work.driver("UPDATE g_job SET lease_until = 0 WHERE id = :id", {"id": claimed.id})


def taken(app: App) -> Claimed:
    (claimed,) = claim(app)
    return claimed


def test_a_key_is_put_once(app: App) -> None:
    assert put(app, "a") is not None
    assert put(app, "a") is None
    with app.work(WANG) as work:
        assert jobs.put(work, "x", {}, key="b") is not None
        assert jobs.put(work, "x", {}, key="b") is None


def test_a_job_carries_its_payload_and_its_cause(app: App) -> None:
    with app.work(WANG, cause=Cause("rule", "overdue", "c1", 2)) as work:
        jobs.put(work, "x", {"name": "华东", "ids": [1, 2]}, key="a")
    claimed = taken(app)
    assert claimed.payload == {"name": "华东", "ids": [1, 2]}
    assert (claimed.kind, claimed.key, claimed.attempt, claimed.cause) == (
        "x",
        "a",
        1,
        Cause("rule", "overdue", "c1", 2),
    )


def test_one_worker_gets_it(app: App) -> None:
    for number in range(20):
        put(app, str(number))
    got: list[int] = []

    def work() -> None:
        while batch := claim(app, 3):
            got.extend(claimed.id for claimed in batch)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(set(got))) == (20, 20)


def test_the_urgent_then_the_oldest_and_nothing_before_its_time(app: App, clock: SetClock) -> None:
    put(app, "later", run_at=clock.now() + timedelta(hours=1))
    put(app, "second")
    put(app, "third")
    put(app, "first", priority=1)
    assert [taken(app).key for _ in range(3)] == ["first", "second", "third"]
    assert claim(app) == []
    clock.set(clock.now() + timedelta(hours=1))
    assert taken(app).key == "later"


def test_a_serial_runs_one_at_a_time_in_order(app: App) -> None:
    for key in ("a1", "a2", "a3"):
        put(app, key, serial="customer:1")
    put(app, "b1", serial="customer:2")
    first = taken(app)
    assert first.key == "a1"
    assert taken(app).key == "b1"
    assert claim(app) == []
    with app.work(SYSTEM) as work:
        first.put_back(work, "ready", "broken", timedelta(minutes=1))
    assert claim(app) == []  # a2 does not overtake a1 while that waits for its next attempt
    with app.work(SYSTEM) as work:
        work.driver("UPDATE g_job SET run_at = :at", {"at": work.bind(work.now)})
    again = taken(app)
    assert again.key == "a1"
    with app.work(SYSTEM) as work:
        again.fence(work)
    assert taken(app).key == "a2"


def test_a_batch_is_taken_in_order_with_one_job_of_each_serial(app: App) -> None:
    for key in ("a1", "a2"):
        put(app, key, serial="customer:1")
    put(app, "b1", serial="customer:2")
    put(app, "urgent", priority=1)
    put(app, "plain")
    assert [claimed.key for claimed in claim(app, 10)] == ["urgent", "a1", "b1", "plain"]


def test_what_was_let_go_of_is_taken_alone(app: App) -> None:
    """One of them may have ended its worker; the others are not to end with it again and again."""
    for key in "abc":
        put(app, key)
    for claimed in claim(app, 10):
        lose(app, claimed)
    put(app, "d")
    assert [len(claim(app, 10)) for _ in range(5)] == [1, 1, 1, 1, 0]


def test_a_lease_that_ran_out_is_claimed_again(app: App) -> None:
    put(app, "a")
    first = taken(app)
    assert claim(app) == []
    lose(app, first)
    assert taken(app).attempt == 2


def test_a_late_hand_is_fenced(app: App) -> None:
    """Paused past its lease, a worker wakes up: what it was about to do is undone."""
    put(app, "a")
    late = taken(app)
    lose(app, late)
    second = taken(app)
    with pytest.raises(Fenced), app.work(SYSTEM) as work:
        late.fence(work)
        audit.write(work, "effect", "late")
    with app.work(SYSTEM) as work:
        second.fence(work)
        audit.write(work, "effect", "second")
    with pytest.raises(Fenced), app.work(SYSTEM) as work:
        second.fence(work)
    with app.work(SYSTEM, read=True) as work:
        assert [row.subject for row in audit.rows(work, action="effect")] == ["second"]
    assert state(app, "a") == "done"


def test_effect_and_job_commit_together_or_not_at_all(app: App) -> None:
    put(app, "a")
    claimed = taken(app)
    with pytest.raises(ZeroDivisionError), app.work(SYSTEM) as work:
        claimed.fence(work)
        raise ZeroDivisionError
    assert state(app, "a") == "running"


def test_a_handler_of_several_transactions_is_fenced_in_each(app: App) -> None:
    put(app, "a")
    claimed = taken(app)
    with app.work(SYSTEM) as work:
        claimed.fence(work, last=False)
    assert state(app, "a") == "running"
    with app.work(SYSTEM) as work:
        claimed.fence(work)
    assert state(app, "a") == "done"


def test_a_heart_keeps_the_lease(app: App) -> None:
    put(app, "a")
    claimed = taken(app)
    lose(app, claimed)
    with Heart(app, every=0.02) as heart:
        heart.hold([claimed])
        for _ in range(200):
            threading.Event().wait(0.02)
            with app.work(SYSTEM, read=True) as work:
                if work.driver("SELECT lease_until FROM g_job").fetchone()[0]:
                    break
    assert claim(app) == []


def test_leases_are_measured_with_the_clock_of_the_database(app: App, clock: SetClock) -> None:
    """Moving the sandbox clock by a month takes no job out of anyone's hands."""
    put(app, "a")
    claimed = taken(app)
    clock.set(clock.now() + timedelta(days=31))
    assert claim(app) == []
    with app.work(SYSTEM) as work:
        claimed.fence(work)


def test_handing_over_is_never_claimed_again_but_swept_to_a_person(app: App) -> None:
    put(app, "a")
    claimed = taken(app)
    claimed.hand_over(app)
    assert trays.sweep(app) == 0
    lose(app, claimed)
    assert claim(app) == []
    assert trays.sweep(app) == 1
    assert state(app, "a") == "uncertain"


def test_a_job_that_ends_its_worker_every_time_is_dead_in_the_end(app: App) -> None:
    put(app, "a", max_attempts=2)
    for _ in range(2):
        lose(app, taken(app))
    assert claim(app) == []
    assert trays.sweep(app) == 1
    assert state(app, "a") == "dead"


@pytest.mark.parametrize(("act", "after"), [(trays.retry, "ready"), (trays.skip, "cancelled")])
@pytest.mark.parametrize("before", ["dead", "uncertain"])
def test_an_operator_decides_with_a_reason(app: App, act: Any, before: str, after: str) -> None:
    id = put(app, "a")
    with app.work(SYSTEM) as work:
        work.driver("UPDATE g_job SET state = :state, attempt = 8, last_error = 'x'", {"state": before})
    with app.work(WANG) as work:
        assert [(row.key, row.state, row.last_error) for row in trays.rows(work)] == [("a", before, "x")]
        act(work, id, "供应商已确认")
        assert trays.rows(work) == []
        row = audit.rows(work, limit=1)[0]
    assert (row.action, row.actor, row.detail["reason"], row.detail["was"]) == (
        f"job.{act.__name__}",
        "王",
        "供应商已确认",
        before,
    )
    assert state(app, "a") == after
    if after == "ready":
        assert taken(app).attempt == 1


def test_an_operator_needs_a_reason_and_is_told_who_was_faster(app: App) -> None:
    id = put(app, "a")
    assert id is not None
    with pytest.raises(InputError, match="请说明原因"), app.work(WANG) as work:
        trays.retry(work, id, "  ")
    with pytest.raises(Conflict) as refused, app.work(WANG) as work:
        trays.retry(work, id, "再试一次")
    assert refused.value.current == "ready"


def test_claims_stay_quick_with_many_jobs_waiting(app: App) -> None:
    """The plan must walk the index of ready jobs, not sort them."""
    with app.work(SYSTEM) as work:
        for number in range(50):
            jobs.put(work, "x", {}, key=str(number))
    statement = claims._NEXT[app.database.dialect]
    explain = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}[app.database.dialect]
    with app.work(SYSTEM) as work:
        if app.database.dialect == "postgresql":
            work.driver("SET LOCAL enable_seqscan = off")
            work.driver("SET LOCAL enable_bitmapscan = off")
        parameters: Mapping[str, Any] = {"token": "t", "lease": 1, "now": work.bind(work.now), "limit": 10}
        plan = "\n".join(str(row) for row in work.driver(explain + statement, parameters).fetchall())
    assert "ix_g_job_ready" in plan
