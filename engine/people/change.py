"""Changing people: hiring, moving, leaving; every change is audited and told as an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update

from engine import audit, sessions
from engine.errors import Conflict, InputError
from engine.events import Event
from engine.people.directory import directory
from engine.people.find import get
from engine.people.person import BAD_LOGIN, LOGIN, Person
from engine.people.pinyin import spelled
from engine.people.rights import may_grant, may_manage, may_touch
from engine.people.stamp import hold, renew
from engine.people.tables import person_roles, persons

if TYPE_CHECKING:
    from engine.work import Work

EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,189}")
MOBILE = re.compile(r"[+0-9][0-9 -]{4,30}")
COLUMNS = {"superior": "superior_id"}
CHANGEABLE = ("name", "email", "mobile", "department", "superior", "locale", "roles")


def create(work: Work, login: str, name: str, *, roles: Iterable[str] = (), **more: Any) -> Person:
    """Add a person, who cannot log in before a password is set; `more` as in `change`.

    Raises AccessDenied, and InputError by field.
    """
    may_manage(work)
    hold(work)
    values = {"name": name, "roles": frozenset(roles), **more}
    wrong = _mistakes(work, None, values)
    if not LOGIN.fullmatch(login):
        wrong["login"] = BAD_LOGIN
    elif login in directory(work).by_login:
        wrong["login"] = f"账号 {login} 已存在"
    if wrong:
        raise InputError(wrong)
    may_grant(work, values["roles"])
    row = {**_columns(values), "login": login, "active": True, "version": 1, "created_at": work.now}
    id: int = work.execute(insert(persons).values(row).returning(persons.c.id)).scalar_one()
    _grant(work, id, values["roles"])
    renew(work)
    audit.write(work, "person.create", f"person:{id}", {"login": login, **values})
    work.publish(Event("person.created", data={"person": id}))
    return get(work, id)


def change(work: Work, id: int, /, *, version: int | None = None, **changes: Any) -> Person:
    """Change a person: name, email, mobile, department, superior (an id), locale, roles (all of them).

    `version` is the one that was seen. Raises AccessDenied, Conflict, and InputError by field.
    """
    hold(work)
    person = get(work, id)
    may_touch(work, person)
    if version is not None and version != person.version:
        raise Conflict(f"{person.name} 刚刚被别人修改, 请刷新后再试", current=person)
    if "roles" in changes:
        changes["roles"] = frozenset(changes["roles"])
    if wrong := _mistakes(work, person, changes):
        raise InputError(wrong)
    differing = {key: value for key, value in changes.items() if getattr(person, key) != value}
    if not differing:
        return person
    if "roles" in differing:
        may_grant(work, differing["roles"] ^ person.roles)
        _grant(work, id, differing["roles"])
    _write(work, person, _columns(differing))
    detail = {key: (getattr(person, key), value) for key, value in differing.items()}
    audit.write(work, "person.change", f"person:{id}", detail)
    work.publish(Event("person.changed", changes=detail, data={"person": id}))
    return get(work, id)


def deactivate(work: Work, id: int, *, hand_over_to: int | None = None) -> None:
    """Let a person go: no login, no new work. `person.deactivated` tells the rooms to hand over what is open.

    Superiors further up take the place in every chain. Raises AccessDenied, and InputError for oneself.
    """
    hold(work)
    person = get(work, id)
    may_touch(work, person)
    if id == work.principal.id:
        raise InputError({"": "不能停用自己"})
    if hand_over_to is not None and (hand_over_to == id or not get(work, hand_over_to).active):
        raise InputError({"hand_over_to": "请选择另一位在职人员"})
    if person.active:
        _write(work, person, {"active": False})
        sessions.close_all(work, id)
        audit.write(work, "person.deactivate", f"person:{id}", {"hand_over_to": hand_over_to})
        work.publish(Event("person.deactivated", data={"person": id, "hand_over_to": hand_over_to}))


def activate(work: Work, id: int) -> None:
    """Let a person who had left work again."""
    hold(work)
    person = get(work, id)
    may_touch(work, person)
    if not person.active:
        _write(work, person, {"active": True})
        audit.write(work, "person.activate", f"person:{id}")
        work.publish(Event("person.activated", data={"person": id}))


def _mistakes(work: Work, person: Person | None, values: Mapping[str, Any]) -> dict[str, str]:
    people = directory(work)
    wrong = {key: "没有这一项" for key in values if key not in CHANGEABLE}
    if "name" in values and not 0 < len(str(values["name"] or "").strip()) <= 200:
        wrong["name"] = "请填写姓名"
    for key, form, words in (("email", EMAIL, "请填写邮箱"), ("mobile", MOBILE, "请填写手机号")):
        if values.get(key) and not form.fullmatch(values[key]):
            wrong[key] = words
    if values.get("department") and values["department"] not in people.departments:
        wrong["department"] = f"没有部门 {values['department']}"
    superior = values.get("superior")
    if superior is not None and superior not in people.people:
        wrong["superior"] = "没有这位上级"
    elif superior is not None and person and superior in {person.id, *people.below(person.id)}:
        wrong["superior"] = f"{people.people[superior].name} 是本人或下级, 不能作为上级"
    if unknown := sorted(
        set(values.get("roles", ())) - work.catalog.roles.keys() - (person.roles if person else set())
    ):
        wrong["roles"] = f"没有角色 {', '.join(unknown)}"
    return wrong


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    row = {COLUMNS.get(key, key): value or None for key, value in values.items() if key != "roles"}
    return row | {"pinyin": spelled(values["name"])} if "name" in values else row


def _grant(work: Work, id: int, roles: Iterable[str]) -> None:
    work.execute(delete(person_roles).where(person_roles.c.person_id == id))
    for role in sorted(roles):
        work.execute(insert(person_roles).values(person_id=id, role=role))


def _write(work: Work, person: Person, values: Mapping[str, Any]) -> None:
    """Change the row if nobody was faster."""
    mine = update(persons).where(persons.c.id == person.id, persons.c.version == person.version)
    if work.execute(mine.values(**values, version=person.version + 1)).rowcount != 1:
        raise Conflict(f"{person.name} 刚刚被别人修改, 请刷新后再试")
    renew(work)
