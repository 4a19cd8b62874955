"""Seeding: bring people and departments in line with a mapping, as often as you like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from engine.errors import InputError
from engine.names import nearest
from engine.people.directory import directory
from engine.people.person import BAD_LOGIN, LOGIN
from engine.people.pinyin import spelled
from engine.people.rights import may_grant, may_manage, may_touch
from engine.people.stamp import hold, renew
from engine.people.tables import departments, person_roles, persons

if TYPE_CHECKING:
    from engine.work import Work

PERSON_KEYS = frozenset({"name", "roles", "department", "superior", "email", "mobile", "locale"})


def load(work: Work, data: Mapping[str, Any]) -> None:
    """Create or update departments and people; passwords, and people not named, stay as they are.

        {departments: {sales: {label: 销售部, parent: company, head: wang}},
         people: {wang: {name: 王敏, roles: [sales], department: sales, superior: li}}}

    Raises InputError, keyed by `people.wang.superior` and the like, and AccessDenied, before anything is written.
    """
    hold(work)
    wanted_departments: Mapping[str, Any] = data.get("departments") or {}
    wanted_people: Mapping[str, Any] = data.get("people") or {}
    _check(work, wanted_departments, wanted_people)
    _allow(work, wanted_people)
    for position, (id, given) in enumerate(wanted_departments.items()):
        _put_department(work, id, {"label": given.get("label", id), "position": position})
    changed = {login: given for login, given in wanted_people.items() if not _stands(work, login, given)}
    for login, given in changed.items():
        _put_person(work, login, given)
    _connect(work, wanted_departments, changed)
    renew(work)


def _allow(work: Work, wanted: Mapping[str, Any]) -> None:
    """The same rights as for changes one by one; the command line acts as the system, which holds all."""
    may_manage(work)
    people = directory(work)
    for login, given in wanted.items():
        person = people.by_login.get(login)
        if person is not None:
            may_touch(work, person)
        may_grant(work, frozenset(given.get("roles", ())) ^ (person.roles if person else frozenset()))


def _stands(work: Work, login: str, given: Mapping[str, Any]) -> bool:
    """True when the person already is as wanted."""
    people = directory(work)
    person = people.by_login.get(login)
    if person is None:
        return False
    superior = people.by_login.get(given.get("superior", ""))
    wanted = (given.get("name", login), frozenset(given.get("roles", ())), superior.id if superior else None)
    same = (person.name, person.roles, person.superior) == wanted
    return same and all(getattr(person, key) == given.get(key) for key in ("department", "email", "mobile", "locale"))


def _check(work: Work, wanted_departments: Mapping[str, Any], wanted_people: Mapping[str, Any]) -> None:
    now = directory(work)
    logins = [*wanted_people, *now.by_login]
    ids = [*wanted_departments, *now.departments]
    wrong: dict[str, str] = {}

    def known(place: str, noun: str, name: str | None, names: list[str]) -> None:
        if name is not None and name not in names:
            close = nearest(name, names)
            wrong[place] = f"没有{noun} {name}" + (f", 是否指 {close}?" if close else "")

    for id, given in wanted_departments.items():
        known(f"departments.{id}.parent", "部门", given.get("parent"), ids)
        known(f"departments.{id}.head", "人员", given.get("head"), logins)
    for login, given in wanted_people.items():
        if not LOGIN.fullmatch(login):
            wrong[f"people.{login}"] = BAD_LOGIN
        for key in set(given) - PERSON_KEYS:
            wrong[f"people.{login}.{key}"] = f"没有这一项, 可用: {', '.join(sorted(PERSON_KEYS))}"
        known(f"people.{login}.department", "部门", given.get("department"), ids)
        known(f"people.{login}.superior", "人员", given.get("superior"), logins)
        for role in given.get("roles", ()):
            known(f"people.{login}.roles", "角色", role, list(work.catalog.roles))
    parents = {d.id: d.parent for d in now.departments.values()}
    parents |= {id: given.get("parent") for id, given in wanted_departments.items()}
    names = {person.id: person.login for person in now.people.values()}
    above = {p.login: names.get(p.superior) if p.superior else None for p in now.people.values()}
    above |= {login: given.get("superior") for login, given in wanted_people.items()}
    wrong |= {f"departments.{id}.parent": f"上级部门成环: {_circle(id, parents)}" for id in _circles(parents)}
    wrong |= {f"people.{login}.superior": f"上级关系成环: {_circle(login, above)}" for login in _circles(above)}
    if wrong:
        raise InputError(wrong)


def _circles(above: Mapping[str, str | None]) -> list[str]:
    """Those who stand above themselves."""
    found = []
    for start in above:
        seen: set[str] = set()
        current = above[start]
        while current is not None and current != start and current not in seen:
            seen.add(current)
            current = above.get(current)
        if current == start:
            found.append(start)
    return found


def _circle(start: str, above: Mapping[str, str | None]) -> str:
    chain, current = [start], above[start]
    while current is not None and current != start:
        chain.append(current)
        current = above.get(current)
    return " → ".join([*chain, start])


def _put_department(work: Work, id: str, values: dict[str, Any]) -> None:
    if not work.execute(update(departments).where(departments.c.id == id).values(values)).rowcount:
        work.execute(insert(departments).values(id=id, **values))


def _put_person(work: Work, login: str, given: Mapping[str, Any]) -> None:
    name = str(given.get("name", login))
    values = {key: given.get(key) for key in ("email", "mobile", "locale")}
    values |= {"name": name, "pinyin": spelled(name)}
    id = work.execute(select(persons.c.id).where(persons.c.login == login)).scalar()
    if id is None:
        made = insert(persons).values(login=login, active=True, version=1, created_at=work.now, **values)
        id = work.execute(made.returning(persons.c.id)).scalar_one()
    else:
        work.execute(update(persons).where(persons.c.id == id).values(version=persons.c.version + 1, **values))
    work.execute(delete(person_roles).where(person_roles.c.person_id == id))
    for role in dict.fromkeys(given.get("roles", ())):
        work.execute(insert(person_roles).values(person_id=id, role=role))


def _connect(work: Work, wanted_departments: Mapping[str, Any], wanted_people: Mapping[str, Any]) -> None:
    ids = {row.login: row.id for row in work.execute(select(persons.c.login, persons.c.id))}
    for id, given in wanted_departments.items():
        _put_department(work, id, {"parent": given.get("parent"), "head_id": ids.get(given.get("head", ""))})
    for login, given in wanted_people.items():
        values = {"department": given.get("department"), "superior_id": ids.get(given.get("superior", ""))}
        work.execute(update(persons).where(persons.c.login == login).values(values))
