"""Asking the organisation: who somebody is, who holds a role, who stands above whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.people.directory import directory
from engine.people.person import Department, Person
from engine.principal import Principal

if TYPE_CHECKING:
    from engine.work import Work


def principal(work: Work, who: str | int) -> Principal:
    """The actor for a login or a row id; NotFound when there is none or the person has left."""
    people = directory(work)
    person = people.by_login.get(who) if isinstance(who, str) else people.people.get(who)
    if person is None or not person.active:
        raise NotFound(f"没有可用的账号 {who}")
    return Principal(
        person.id,
        person.login,
        person.name,
        person.roles,
        person.department,
        person.superior,
        people.below(person.id),
        person.locale or str(work.catalog.locale),
    )


def get(work: Work, id: int) -> Person:
    """One person, also one who has left; NotFound when there is none."""
    found = directory(work).people.get(id)
    if found is None:
        raise NotFound(f"没有编号为 {id} 的人员")
    return found


def find(work: Work, login: str) -> Person | None:
    """The person with this login, or None."""
    return directory(work).by_login.get(login)


def many(work: Work, ids: Iterable[int]) -> list[Person]:
    """These people in the given order; unknown ids are left out."""
    people = directory(work).people
    return [people[id] for id in ids if id in people]


def everyone(work: Work) -> list[Person]:
    """All people, also those who have left, in the order in which they came."""
    return list(directory(work).people.values())


def with_role(work: Work, role: str) -> list[Person]:
    """The active people who hold a role."""
    return [person for person in directory(work).people.values() if person.active and role in person.roles]


def superior(work: Work, id: int, level: int = 1) -> Person | None:
    """The superior `level` steps up, or None at the top; who has left is passed over."""
    for step, person in enumerate(directory(work).above(id), start=1):
        if step == level:
            return person
    return None


def superiors(work: Work, id: int, levels: int | None = None) -> list[Person]:
    """The chain of superiors, nearest first, up to so many levels or to the top."""
    chain = list(directory(work).above(id))
    return chain if levels is None else chain[:levels]


def superiors_until(work: Work, id: int, role: str) -> list[Person]:
    """The chain of superiors up to and with the first who holds the role; the whole chain when nobody does."""
    chain = []
    for person in directory(work).above(id):
        chain.append(person)
        if role in person.roles:
            break
    return chain


def department(work: Work, id: str) -> Department:
    """One department; NotFound when there is none."""
    found = directory(work).departments.get(id)
    if found is None:
        raise NotFound(f"没有部门 {id}")
    return found


def departments(work: Work) -> list[Department]:
    """All departments in their order."""
    return list(directory(work).departments.values())


def department_head(work: Work, dept: str | None, *, not_for: int | None = None) -> Person | None:
    """The head of the department, or of the nearest one around it that has an active head.

    With `not_for` nobody is his own head: the next one up is taken.
    """
    return next((person for person in directory(work).heads(dept) if person.id != not_for), None)


def members(work: Work, dept: str) -> list[Person]:
    """The active people of a department and of all below it."""
    people = directory(work)
    inside = people.inside(dept)
    return [person for person in people.people.values() if person.active and person.department in inside]


def search(work: Work, text: str, limit: int = 20) -> list[Person]:
    """Active people whose name, login or pinyin holds the text; names and logins that start with it come first."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    found = []
    for person in directory(work).people.values():
        hay = (person.name.lower(), person.login.lower(), *person.pinyin.split())
        if person.active and any(wanted in straw for straw in hay):
            found.append((not any(straw.startswith(wanted) for straw in hay), person.name, person))
    return [person for _, _, person in sorted(found, key=lambda hit: hit[:2])[:limit]]
