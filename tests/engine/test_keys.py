"""Keys: what a program may do for a person, and when no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import audit, keys, people
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.errors import AccessDenied, InputError, NotFound
from engine.events import Cause
from engine.principal import SYSTEM, Principal

ROLES = "sales: {label: 销售}\nfinance: {label: 财务}\nhr: {label: 人事, can: [people]}\n"
START = datetime(2026, 3, 1, 1, tzinfo=UTC)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    clock = SetClock(START)
    monkeypatch.setattr(keys, "clock", clock)
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
                    "wang": {"name": "王敏", "roles": ["sales", "finance"]},
                    "wu": {"name": "吴芳", "roles": ["sales"]},
                    "chen": {"name": "陈静", "roles": ["hr"]},
                }
            },
        )
    yield app


def principal(app: App, login: str) -> Principal:
    with app.work(SYSTEM, read=True) as work:
        return people.principal(work, login)


def make(app: App, *scopes: str, **more: Any) -> tuple[keys.Key, str]:
    wang = principal(app, "wang")
    with app.work(wang) as work:
        return keys.create(work, wang.id or 0, "ERP", scopes or ("write",), **more)


def test_a_key_acts_for_its_person(app: App) -> None:
    key, text = make(app)
    assert text.startswith(f"ak_{key.public}_") and len(text) > 60
    found = keys.check(app, text)
    assert found and found.principal == principal(app, "wang")


def test_only_a_hash_is_kept(app: App) -> None:
    _, text = make(app)
    secret = text.split("_", 2)[2]
    with app.work(SYSTEM, read=True) as work:
        assert secret not in str(work.execute(select(keys.table)).all())
        assert secret not in str(work.execute(select(audit.table)).all())


def test_anything_else_is_no_key(app: App) -> None:
    key, text = make(app)
    _, other = make(app)
    swapped = f"ak_{key.public}_{other.split('_', 2)[2]}"
    for wrong in ("", "ak_", text[:-1], text + "x", text.upper(), swapped, f"ak_{'0' * 16}_{'x' * 43}", f"{text}\n"):
        assert keys.check(app, wrong) is None, wrong


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        (["read"], ["read"]),
        (["write"], ["read", "write"]),
        (["admin"], ["read", "write", "admin"]),
        (["read", "role:sales"], ["read"]),
    ],
)
def test_scopes_say_what_it_may_do(app: App, scopes: list[str], may: list[str]) -> None:
    key, _ = make(app, *scopes)
    assert [action for action in keys.ACTIONS if key.allows(action)] == may


def test_roles_can_be_narrowed_but_never_widened(app: App) -> None:
    _, text = make(app, "read", "role:sales", "role:hr")
    found = keys.check(app, text)
    assert found and found.principal and found.principal.roles == {"sales"}


def test_rights_are_those_of_the_person_when_it_is_used(app: App) -> None:
    key, text = make(app, "write", "role:sales")
    with app.work(SYSTEM) as work:
        people.change(work, key.person_id, roles=["finance"])
    found = keys.check(app, text)
    assert found and found.principal and found.principal.roles == frozenset()
    with app.work(SYSTEM) as work:
        people.deactivate(work, key.person_id)
    assert keys.check(app, text) is None


def test_it_ends_when_it_expires_on_the_machines_clock(app: App, machine: SetClock) -> None:
    _, text = make(app, expires_at=START + timedelta(days=1))
    assert isinstance(app.clock, SetClock)
    app.clock.set(START + timedelta(days=30))  # the sandbox does not count
    assert keys.check(app, text)
    machine.set(START + timedelta(days=1))
    assert keys.check(app, text) is None


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.1.2.3", True), ("11.1.2.3", False), ("::1", True), ("", False), ("not an address", False)],
)
def test_it_may_be_bound_to_networks(app: App, address: str, allowed: bool) -> None:
    _, text = make(app, addresses=["10.0.0.0/8", "::1/128"])
    assert bool(keys.check(app, text, address=address)) is allowed


def test_it_can_be_revoked_once(app: App) -> None:
    key, text = make(app)
    wang = principal(app, "wang")
    with app.work(wang) as work:
        keys.revoke(work, key.id)
        keys.revoke(work, key.id)
        rows = work.execute(select(audit.table.c.action).order_by(audit.table.c.id)).scalars().all()
        assert keys.get(work, key.id).revoked_at == START
        with pytest.raises(NotFound):
            keys.revoke(work, 999)
    assert [action for action in rows if action.startswith("key.")] == ["key.create", "key.revoke"]
    assert keys.check(app, text) is None


def test_the_last_use_is_marked_once_a_minute_at_most(app: App, machine: SetClock) -> None:
    key, text = make(app)
    updates: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        updates.append(statement) if statement.startswith("UPDATE") else None

    event.listen(app.database.engine, "before_cursor_execute", note)
    for seconds in (0, 1, 59, 60):
        machine.set(START + timedelta(seconds=seconds))
        assert keys.check(app, text)
    assert len(updates) == 2
    with app.work(SYSTEM, read=True) as work:
        assert keys.get(work, key.id).last_used == START + timedelta(seconds=60)


def test_keys_are_managed_by_their_person_or_by_who_manages_people(app: App) -> None:
    key, _ = make(app)
    with pytest.raises(AccessDenied), app.work(principal(app, "wu")) as work:
        keys.revoke(work, key.id)
    with pytest.raises(AccessDenied), app.work(principal(app, "wu")) as work:
        keys.create(work, key.person_id, "mine", ["read"])
    with app.work(principal(app, "chen")) as work:
        keys.revoke(work, key.id)
        assert [one.id for one in keys.of(work, key.person_id)] == [key.id]


def test_a_key_makes_no_keys(app: App) -> None:
    key, _ = make(app, "read")
    with pytest.raises(AccessDenied, match="登录后"), app.work(principal(app, "wang"), cause=Cause("api")) as work:
        keys.create(work, key.person_id, "more", ["admin"])


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"label": " "}, "label"),
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["role:sales"]}, "scopes"),
        ({"scopes": ["read", "role:king"]}, "scopes"),
        ({"expires_at": START}, "expires_at"),
        ({"addresses": ["10.0.0.1/8"]}, "addresses"),
        ({"addresses": ["office"]}, "addresses"),
    ],
)
def test_a_wrong_key_is_refused_by_field(app: App, more: dict[str, Any], field: str) -> None:
    wang = principal(app, "wang")
    with pytest.raises(InputError) as refused, app.work(wang) as work:
        keys.create(work, wang.id or 0, **{"label": "ERP", "scopes": ["read"], **more})
    assert list(refused.value.fields) == [field]
