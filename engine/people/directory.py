"""Directory: all people as they stand under one stamp, so that asking who is above whom costs no query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import select

from engine.errors import EvaluationError
from engine.people.person import Department, Person
from engine.people.tables import departments, person_roles, persons, stamps

if TYPE_CHECKING:
    from engine.database import Database
    from engine.work import Work

_kept: WeakKeyDictionary[Database, tuple[str | None, Directory]] = WeakKeyDictionary()


class Directory:
    """The organisation at one moment; immutable, shared by all requests that see the same stamp."""

    def __init__(self, people: Iterable[Person], departments: Iterable[Department]) -> None:
        self.people: Mapping[int, Person] = {person.id: person for person in people}
        self.departments: Mapping[str, Department] = {department.id: department for department in departments}

    @cached_property
    def by_login(self) -> Mapping[str, Person]:
        return {person.login: person for person in self.people.values()}

    @cached_property
    def _reports(self) -> Mapping[int, list[int]]:
        reports: dict[int, list[int]] = {}
        for person in self.people.values():
            if person.superior is not None:
                reports.setdefault(person.superior, []).append(person.id)
        return reports

    @cached_property
    def _below(self) -> dict[int, frozenset[int]]:
        return {}

    def below(self, person_id: int) -> frozenset[int]:
        """Everybody under this person at any depth, also those who have left: their records remain."""
        found = self._below.get(person_id)
        if found is None:
            seen: set[int] = set()
            waiting = list(self._reports.get(person_id, ()))
            while waiting:
                current = waiting.pop()
                if current not in seen:
                    seen.add(current)
                    waiting.extend(self._reports.get(current, ()))
            found = self._below[person_id] = frozenset(seen - {person_id})
        return found

    def above(self, person_id: int) -> Iterator[Person]:
        """The chain of superiors, nearest first; who has left is passed over."""
        seen = {person_id}
        person = self.people.get(person_id)
        while person and person.superior is not None:
            if person.superior in seen:
                raise EvaluationError(f"the superiors of {self.people[person_id].name} run in a circle")
            seen.add(person.superior)
            person = self.people.get(person.superior)
            if person and person.active:
                yield person

    def heads(self, department_id: str | None) -> Iterator[Person]:
        """The heads of a department and of those around it, nearest first; who has left is passed over."""
        seen: set[str] = set()
        while department_id is not None and department_id not in seen:
            seen.add(department_id)
            department = self.departments.get(department_id)
            if department is None:
                return
            head = self.people.get(department.head) if department.head is not None else None
            if head and head.active:
                yield head
            department_id = department.parent

    def inside(self, department_id: str) -> frozenset[str]:
        """The department and all below it."""
        found, grown = {department_id}, True
        while grown:
            more = {d.id for d in self.departments.values() if d.parent in found} - found
            found |= more
            grown = bool(more)
        return frozenset(found)


def directory(work: Work) -> Directory:
    """The directory that this unit of work sees; one small query per transaction, none when asked again."""
    found: Directory | None = work.cache.get("people")
    if found is None:
        stamp = work.execute(select(stamps.c.stamp)).scalar()
        kept = _kept.get(work.app.database)
        if kept and kept[0] == stamp:
            found = kept[1]
        else:
            found = _read(work)
            if not work.cache.get("people_changed"):
                _kept[work.app.database] = (stamp, found)
        work.cache["people"] = found
    return found


def _read(work: Work) -> Directory:
    roles: dict[int, set[str]] = {}
    for row in work.execute(select(person_roles)):
        roles.setdefault(row.person_id, set()).add(row.role)
    people = [
        Person(
            row.id, row.login, row.name, row.email, row.mobile, row.department, row.superior_id, row.active,
            row.locale, row.pinyin, row.version, frozenset(roles.get(row.id, ())),
        )
        for row in work.execute(select(persons).order_by(persons.c.id))
    ]  # fmt: skip
    ordered = select(departments).order_by(departments.c.position, departments.c.id)
    return Directory(people, [Department(d.id, d.label, d.parent, d.head_id) for d in work.execute(ordered)])
