"""Logging in: passwords, growing delays, and sessions that end when they should."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, update

from engine import audit, passwords, people, sessions, throttle
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.errors import AccessDenied, InputError, NotFound
from engine.passwords import LoginRefused
from engine.people.tables import persons
from engine.principal import SYSTEM
from engine.throttle import Throttled

ROLES = "sales: {label: 销售}\nhr: {label: 人事, can: [people]}\nadmin: {label: 管理员, can: [people, publish]}\n"
SECRET = "correct horse battery"
START = datetime(2026, 3, 1, 1, tzinfo=UTC)
HOME, ELSEWHERE = "203.0.113.5", "198.51.100.7"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    clock = SetClock(START)
    monkeypatch.setattr(sessions, "clock", clock)
    monkeypatch.setattr(passwords, "clock", clock)
    return clock


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path], machine: SetClock) -> Iterator[App]:
    app = App(Catalog.load(folder({"roles.yaml": ROLES})), database, [], SetClock(START))
    app.publish(app.catalog)
    with app.work(SYSTEM) as work:
        people.load(
            work,
            {
                "people": {
                    "wang": {"name": "王敏", "roles": ["sales"]},
                    "chen": {"name": "陈静", "roles": ["hr"]},
                    "zong": {"name": "宗伟", "roles": ["admin"]},
                }
            },
        )
        passwords.set_password(work, person_id(work, "wang"), SECRET)
    yield app


def person_id(work: object, login: str) -> int:
    found = people.find(work, login)  # type: ignore[arg-type]
    assert found
    return found.id


def log_in(app: App, login: str = "wang", typed: str = SECRET, address: str = HOME) -> int:
    return passwords.login(app, login, typed, address=address)


def session(app: App, login: str = "wang", address: str = HOME) -> str:
    with app.work(SYSTEM) as work:
        return sessions.open(work, person_id(work, login), address=address, user_agent="Browser")


# Passwords


def test_the_right_password_lets_in(app: App) -> None:
    with app.work(SYSTEM, read=True) as work:
        assert log_in(app) == person_id(work, "wang")
    assert log_in(app, " Wang ") == log_in(app)


@pytest.mark.parametrize(
    ("login", "typed"),
    [
        ("wang", "wrong horse battery"),
        ("wang", SECRET.upper()),
        ("wang", SECRET + " "),
        ("wang", ""),
        ("wang", "x" * 100_000),
        ("nobody", SECRET),
        ("chen", SECRET),  # has no password yet
        ("", ""),
        ("wang' OR 1=1 --", SECRET),
    ],
)
def test_anything_else_gets_one_answer(app: App, login: str, typed: str) -> None:
    with pytest.raises(LoginRefused) as refused:
        log_in(app, login, typed)
    assert str(refused.value) == "账号或密码不正确"


def test_who_has_left_cannot_log_in(app: App) -> None:
    with app.work(SYSTEM) as work:
        people.deactivate(work, person_id(work, "wang"))
    with pytest.raises(LoginRefused):
        log_in(app)


def test_passwords_are_kept_as_argon2id(app: App) -> None:
    with app.work(SYSTEM, read=True) as work:
        stored = work.execute(select(persons.c.password_hash).where(persons.c.login == "wang")).scalar_one()
    assert stored.startswith("$argon2id$")
    assert SECRET not in stored


def test_an_unknown_login_takes_as_long(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    fits = passwords._fits
    monkeypatch.setattr(passwords, "_fits", lambda stored, typed: (looked_at.append(stored), fits(stored, typed))[1])
    for login in ("wang", "nobody", "chen"):
        with pytest.raises(LoginRefused):
            log_in(app, login, "some wrong password")
    assert [stored.split("$")[1:4] for stored in looked_at] == [looked_at[0].split("$")[1:4]] * 3


def test_one_check_is_slow_enough_to_hurt_and_quick_enough_to_bear() -> None:
    stored = passwords._dummy()
    best = min(_timed(lambda: passwords._fits(stored, "some wrong password")) for _ in range(3))
    assert 0.01 < best < 0.5


def _timed(call: Callable[[], object]) -> float:
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("short", "至少 12 个字符"),
        ("x" * 1025, "最多 1024 个字符"),
        ("PassWord123456", "太常见"),
        ("121212121212", "太常见"),
        ("wang12345678", "不能包含账号"),
        ("my-demo-app-1", "不能包含账号"),
        ("guiju-guiju-1", "不能包含账号"),
    ],
)
def test_an_easy_password_is_refused(app: App, new: str, words: str) -> None:
    with pytest.raises(InputError, match=words), app.work(SYSTEM) as work:
        passwords.set_password(work, person_id(work, "wang"), new)
    log_in(app)


@pytest.mark.parametrize(
    "new", ["信用客户管理系统的长口令啊", "a" * 20 + "bcdefgh", " leading and trailing ", "x1y2z3" * 100]
)
def test_a_long_password_of_any_kind_is_taken(app: App, new: str) -> None:
    with app.work(SYSTEM) as work:
        passwords.set_password(work, person_id(work, "wang"), new)
    assert log_in(app, typed=new)


def test_changing_needs_the_old_one_and_ends_all_sessions(app: App) -> None:
    token = session(app)
    found = sessions.find(app, token)
    assert found and found.principal
    with pytest.raises(InputError, match="原密码不正确"), app.work(found.principal) as work:
        passwords.change(work, "wrong", "another long password")
    assert sessions.find(app, token)
    with app.work(found.principal) as work:
        passwords.change(work, SECRET, "another long password")
    assert sessions.find(app, token) is None
    assert log_in(app, typed="another long password")
    with pytest.raises(LoginRefused):
        log_in(app)


def test_nobody_takes_over_who_holds_more_powers(app: App) -> None:
    with app.work(SYSTEM, read=True) as work:
        chen, wang = people.principal(work, "chen"), people.principal(work, "wang")
    with pytest.raises(AccessDenied), app.work(chen) as work:
        passwords.set_password(work, person_id(work, "zong"), "a brand new password")
    with pytest.raises(AccessDenied), app.work(wang) as work:
        passwords.set_password(work, person_id(work, "chen"), "a brand new password")
    with app.work(chen) as work:
        passwords.set_password(work, person_id(work, "wang"), "a brand new password")
    assert log_in(app, typed="a brand new password")


def test_logins_are_audited_without_what_was_typed(app: App) -> None:
    log_in(app)
    with pytest.raises(LoginRefused):
        log_in(app, "my secret typed into the wrong box", "x")
    with app.work(SYSTEM, read=True) as work:
        rows = work.execute(select(audit.table).where(audit.table.c.action.like("login.%"))).all()
        wang = person_id(work, "wang")
    assert [(row.action, row.subject) for row in rows] == [
        ("login.accepted", f"person:{wang}"),
        ("login.refused", "person:unknown"),
    ]
    assert not any("secret" in str(tuple(row)) for row in rows)


# Throttling


def fail(app: App, times: int, login: str = "wang", address: str = HOME) -> list[type[Exception]]:
    outcomes: list[type[Exception]] = []
    for _ in range(times):
        try:
            log_in(app, login, "a wrong password", address)
        except (LoginRefused, Throttled) as error:
            outcomes.append(type(error))
    return outcomes


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that cost nothing; the delays are what is looked at."""
    monkeypatch.setattr(passwords, "_fits", lambda stored, typed: typed == SECRET)


@pytest.mark.usefixtures("quick")
def test_the_delay_grows_and_has_a_longest(app: App, machine: SetClock) -> None:
    assert fail(app, 4) == [LoginRefused] * 4
    waits = []
    for _ in range(16):
        assert fail(app, 1) == [LoginRefused]
        with pytest.raises(Throttled) as throttled:
            log_in(app)
        waits.append(throttled.value.seconds - 1)
        machine.set(machine.now() + timedelta(seconds=waits[-1]))
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-1] == 900
    assert log_in(app)


@pytest.mark.usefixtures("quick")
def test_after_a_hundred_wrong_ones_the_right_one_from_elsewhere_still_works(app: App) -> None:
    outcomes = fail(app, 100)
    assert outcomes.count(LoginRefused) == 5
    with pytest.raises(Throttled):
        log_in(app)
    assert log_in(app, address=ELSEWHERE)


@pytest.mark.usefixtures("quick")
def test_guesses_from_everywhere_slow_each_other_but_not_the_person_at_a_known_address(
    app: App, machine: SetClock
) -> None:
    session(app, address=ELSEWHERE)
    for n in range(20):
        assert fail(app, 1, address=f"192.0.2.{n}") == [LoginRefused]
    assert fail(app, 1, address="192.0.2.99") == [Throttled]
    assert log_in(app, address=ELSEWHERE)
    for n in range(40):
        fail(app, 1, address=f"192.0.2.{100 + n}")
        machine.set(machine.now() + timedelta(seconds=31))
    assert log_in(app, address=HOME)  # half a minute is the longest that anybody is kept out


@pytest.mark.usefixtures("quick")
def test_one_address_that_tries_many_accounts_is_slowed(app: App) -> None:
    outcomes = [fail(app, 1, f"user{n}")[0] for n in range(60)]
    assert outcomes[:30] == [LoginRefused] * 30
    assert set(outcomes[30:]) == {Throttled}
    assert log_in(app, address=ELSEWHERE)


@pytest.mark.usefixtures("quick")
def test_success_forgets_the_failures_of_the_account(app: App) -> None:
    for _ in range(5):
        fail(app, 4)
        assert log_in(app)


@pytest.mark.usefixtures("quick")
def test_failures_are_forgotten_after_a_day(app: App, machine: SetClock) -> None:
    fail(app, 10)
    machine.set(machine.now() + timedelta(hours=25))
    fail(app, 1, "other")
    with app.work(SYSTEM, read=True) as work:
        assert work.execute(select(func.max(throttle.attempts.c.failures))).scalar() == 1
    assert fail(app, 4) == [LoginRefused] * 4


@pytest.mark.usefixtures("quick")
def test_a_burst_cannot_outrun_the_count(app: App) -> None:
    outcomes: list[type[Exception]] = []
    together = threading.Barrier(8)

    def guess() -> None:
        together.wait()
        outcomes.extend(fail(app, 3))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 24
    assert outcomes.count(LoginRefused) <= 5 + 8  # on PostgreSQL those already past the gate may finish


@pytest.mark.usefixtures("quick")
def test_what_was_typed_as_login_is_not_kept(app: App) -> None:
    fail(app, 1, "my-password-by-mistake")
    with app.work(SYSTEM, read=True) as work:
        keys = work.execute(select(throttle.attempts.c.key)).scalars().all()
    assert keys and all(len(key) == 64 and "password" not in key for key in keys)


# Sessions


def test_a_session_knows_who_acts(app: App) -> None:
    found = sessions.find(app, session(app))
    assert found and found.principal and found.principal.login == "wang"
    assert (found.address, found.user_agent) == (HOME, "Browser")


def test_the_token_is_kept_as_a_hash_and_is_long(app: App) -> None:
    token, other = session(app), session(app)
    assert token != other and len(token) >= 43
    with app.work(SYSTEM, read=True) as work:
        assert token not in str(work.execute(select(sessions.table)).all())


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 43, "' OR 1=1 --"])
def test_an_unknown_token_is_nobody(app: App, token: str) -> None:
    session(app)
    assert sessions.find(app, token) is None


def test_it_ends_when_idle_for_half_an_hour(app: App, machine: SetClock) -> None:
    token = session(app)
    for _ in range(4):
        machine.set(machine.now() + timedelta(minutes=29))
        assert sessions.find(app, token)
    machine.set(machine.now() + timedelta(minutes=30))
    assert sessions.find(app, token) is None


def test_it_ends_after_ten_hours_however_busy(app: App, machine: SetClock) -> None:
    token = session(app)
    for _ in range(29):
        machine.set(machine.now() + timedelta(minutes=20))
        assert sessions.find(app, token)
    machine.set(START + timedelta(hours=10))
    assert sessions.find(app, token) is None


def test_a_moved_sandbox_clock_logs_nobody_out(app: App) -> None:
    token = session(app)
    assert isinstance(app.clock, SetClock)
    app.clock.set(START + timedelta(days=30))
    assert sessions.find(app, token)


def test_reading_writes_once_a_minute_at_most(app: App, machine: SetClock) -> None:
    token = session(app)
    sessions.find(app, token)
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(app.database.engine, "before_cursor_execute", note)
    for _ in range(3):
        sessions.find(app, token)
    assert not any(statement.startswith("UPDATE") or "IMMEDIATE" in statement for statement in statements)
    machine.set(machine.now() + timedelta(seconds=61))
    for _ in range(3):
        sessions.find(app, token)
    assert sum(statement.startswith("UPDATE g_session") for statement in statements) == 1


def test_logging_out_ends_it(app: App) -> None:
    token, other = session(app), session(app)
    with app.work(SYSTEM) as work:
        sessions.close(work, token)
        sessions.close(work, token)
        sessions.close(work, "unknown")
    assert sessions.find(app, token) is None
    assert sessions.find(app, other)


def test_sessions_can_be_listed_and_ended_one_by_one(app: App) -> None:
    here, there = session(app), session(app, address=ELSEWHERE)
    with app.work(SYSTEM) as work:
        wang, chen = person_id(work, "wang"), person_id(work, "chen")
        listed = sessions.of(work, wang)
        assert [one.address for one in listed] == [ELSEWHERE, HOME]
        with pytest.raises(NotFound):
            sessions.close_one(work, chen, listed[0].id)
        sessions.close_one(work, wang, listed[0].id)
        assert len(sessions.of(work, wang)) == 1
    assert sessions.find(app, there) is None
    assert sessions.find(app, here)


def test_all_but_one_can_be_ended(app: App) -> None:
    tokens = [session(app) for _ in range(3)]
    with app.work(SYSTEM) as work:
        sessions.close_all(work, person_id(work, "wang"), but=tokens[1])
    assert [bool(sessions.find(app, token)) for token in tokens] == [False, True, False]


def test_the_oldest_gives_way_to_the_sixth(app: App) -> None:
    tokens = [session(app) for _ in range(6)]
    assert [bool(sessions.find(app, token)) for token in tokens] == [False] + [True] * 5


def test_who_is_let_go_is_out_at_once(app: App) -> None:
    token = session(app)
    with app.work(SYSTEM) as work:
        work.execute(update(persons).where(persons.c.login == "wang").values(active=False))
        from engine.people.stamp import renew

        renew(work)
    assert sessions.find(app, token) is None


def test_roles_taken_away_are_gone_in_the_running_session(app: App) -> None:
    token = session(app)
    with app.work(SYSTEM) as work:
        people.change(work, person_id(work, "wang"), roles=[])
    found = sessions.find(app, token)
    assert found and found.principal and found.principal.roles == frozenset()


def test_the_form_token_belongs_to_one_session_and_does_not_tell_it() -> None:
    assert sessions.form_token("one") == sessions.form_token("one") != sessions.form_token("two")
    assert "one" not in sessions.form_token("one")
