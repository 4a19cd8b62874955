"""RecordEnv: one record's values for the Python back end of expressions; what they lead to is loaded when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from engine import people
from engine.errors import NotFound
from engine.principal import Principal
from forms import rows
from forms.form import Field, Form
from forms.messages import say
from forms.scope import find_form

if TYPE_CHECKING:
    from engine.work import Work

Path = tuple[str, ...]
MEMO = "records"  # where a unit of work keeps what it has read; emptied by every write


class RecordEnv:
    """The values of one record. Records that were read together are `siblings`: what one of them needs
    from the database is fetched for all of them in one query. `settled` says that the values are those
    of the database, so that what they make may be kept."""

    def __init__(
        self,
        work: Work,
        form: Form,
        values: Mapping[str, Any],
        siblings: list[RecordEnv] | None = None,
        user: Principal | None = None,
        settled: bool = False,
    ) -> None:
        self.work, self.form, self.values, self.settled = work, form, values, settled
        self._kept: tuple[object, dict[Path, Any]] = (None, {})
        self.user: Principal | None = user or work.principal
        self.today, self.now = work.today, work.now
        self.timezone: tzinfo = work.catalog.timezone
        self.calendar: Any = work.catalog.calendar()
        self.siblings = siblings if siblings is not None else [self]

    @property
    def kept(self) -> dict[Path, Any] | None:
        """Values of computed fields that still hold; every write in this unit of work ends them."""
        if not self.settled:
            return None
        memo = self._memo()
        if self._kept[0] is not memo:
            self._kept = (memo, {})
        return self._kept[1]

    def value(self, path: Path) -> Any:
        name = path[0]
        if name == "settings":
            return self.work.settings.at(path[1:])
        field = self.form.fields.get(name)
        value = self._computed(field) if field and field.computed else self.values.get(name)
        if len(path) == 1 or value is None:
            return value
        target = self._target(name)
        if target is None:
            return self._person(value, path[1:])
        env = self._referred(name, target, value)
        return env.value(path[1:]) if env else None

    def related(self, path: Path) -> Sequence[RecordEnv]:
        if len(path) > 1:
            value = self.values.get(path[0])
            target = self._target(path[0])
            env = self._referred(path[0], target, value) if value is not None and target else None
            return env.related(path[1:]) if env else ()
        field = self.form.fields[path[0]]
        given = self.values.get(field.id)
        if field.lines and given is not None:  # rows that are about to be saved with their record
            return self._family(field.lines, given)
        id = self.values.get("id")
        return self._children(field, id) if id is not None else ()

    def display(self, path: Path, locale: str) -> str | None:
        """The words for a value whose kind alone does not say how it reads; None for plain ones."""
        owner, field = self._owner(path)
        if owner is None:
            return "—"
        value = owner.value(path[-1:])
        if value is None:
            return None
        if field is None:
            return _name(self.work, value) if path[-1] in ("created_by", "updated_by", "superior") else None
        return words(self.work, field, value, locale, owner.siblings)

    def _owner(self, path: Path) -> tuple[RecordEnv | None, Field | None]:
        env: RecordEnv | None = self
        for name in path[:-1]:
            target = env._target(name) if env else None
            value = env.value((name,)) if env else None
            if env is None or target is None:
                return env, None
            env = env._referred(name, target, value) if value is not None else None
        return env, env.form.fields.get(path[-1]) if env else None

    def _computed(self, field: Field) -> Any:
        return field.compute.evaluate(self) if field.compute else None

    def _target(self, name: str) -> Form | None:
        found = self.form.scope.find(name)
        return find_form(self.work.catalog["form"], found.form) if found and found.form else None

    def _person(self, id: int, path: Path) -> Any:
        try:
            person = people.get(self.work, id)
        except NotFound:
            return None
        value = getattr(person, path[0])
        return value if len(path) == 1 or value is None else self._person(value, path[1:])

    def _memo(self) -> dict[Any, Any]:
        return self.work.cache.setdefault(MEMO, {})  # type: ignore[no-any-return]

    def _referred(self, name: str, target: Form, id: int) -> RecordEnv | None:
        """The record that a reference names; all siblings' references are loaded with it."""
        memo = self._memo()
        key = (target.id, id)
        if key not in memo:
            wanted = {env.values.get(name) for env in self.siblings} | {id}
            missing = {one for one in wanted if one is not None and (target.id, one) not in memo}
            found = rows.load(self.work, target, missing)
            family = self._family(target, found.values(), settled=True)
            memo.update({(target.id, one): None for one in missing})
            memo.update({(target.id, env.values["id"]): env for env in family})
        return memo[key]  # type: ignore[no-any-return]

    def _children(self, field: Field, id: int) -> Sequence[RecordEnv]:
        memo = self._memo()
        key = (self.form.id, field.id, id)
        if key not in memo:
            child = field.lines or self._target(field.id)
            assert child is not None
            via = "parent" if field.lines else field.type.via  # type: ignore[attr-defined]
            owners = {env.values["id"] for env in self.siblings if env.values.get("id") is not None} | {id}
            found = rows.children(self.work, child, via, owners)
            everyone = self._family(child, [values for part in found.values() for values in part], settled=True)
            at = 0
            for owner, part in found.items():
                memo[(self.form.id, field.id, owner)] = everyone[at : at + len(part)]
                at += len(part)
        return memo[key]  # type: ignore[no-any-return]

    def _family(self, form: Form, values: Iterable[Mapping[str, Any]], settled: bool = False) -> list[RecordEnv]:
        family: list[RecordEnv] = []
        family += [RecordEnv(self.work, form, one, family, self.user, settled) for one in values]
        return family


def words(work: Work, field: Field, value: Any, locale: str, siblings: Iterable[RecordEnv] = ()) -> str | None:
    """How a value of a field reads; None where its kind alone says it. References of `siblings` are looked up, too."""
    kind = field.type.name
    if kind == "person":
        return _name(work, value)
    if kind == "department":
        known = {department.id: department.label for department in people.departments(work)}
        return known.get(value, str(value))
    if kind == "role":
        role = work.catalog.roles.get(value)
        return work.catalog.label(role.label, locale) if role else str(value)
    if kind == "reference":
        from forms import titles

        around = (env.values.get(field.id) for env in siblings)
        return titles.one(work, field.type.form, value, around) or "—"  # type: ignore[attr-defined]
    if kind in ("choice", "choices", "tags", "boolean", "file", "image", "signature", "address", "geo", "duration"):
        return field.type.format(value, locale)
    return None


def _name(work: Work, id: int) -> str:
    try:
        return people.get(work, id).name
    except NotFound:
        return say(work.principal.locale, "系统")
