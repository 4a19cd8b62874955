"""Who: the people that a `who:` or `to:` names, declared once and found anew for every record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import names, people
from engine.errors import Problems
from engine.who import kinds  # noqa: F401  the built-in kinds register themselves
from engine.who.kind import Ask, Chosen, Kind, who_kinds
from engine.who.place import Place

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Env, Scope
    from engine.source import Document, Path
    from engine.work import Work

WORDS = ("starter", "owner", "superior", "flow_admin")  # what may stand as a plain word


@dataclass(frozen=True, slots=True)
class Who:
    """People declared in YAML, in order."""

    entries: tuple[Kind, ...]

    @property
    def pool_roles(self) -> tuple[str, ...]:
        """The roles, when nothing but roles is named: then one task can serve a whole pool."""
        roles = tuple(entry.role for entry in self.entries if entry.role is not None)
        return roles if len(roles) == len(self.entries) else ()

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """The paths of the record that the choice depends on."""
        return frozenset(path for entry in self.entries for read in entry.expressions for path in read.reads)

    def resolve(self, work: Work, env: Env, starter: int | None = None) -> list[Chosen]:
        """The active people in declared order, each once with the first reason found; addresses outside too."""
        found: dict[int | str, Chosen] = {}
        active = {person.id for person in people.everyone(work) if person.active}
        for entry in self.entries:
            for chosen in entry.choose(Ask(work, env, starter)):
                key = chosen.address.lower() if chosen.address else chosen.person_id
                if key is not None and (chosen.address or chosen.person_id in active):
                    found.setdefault(key, chosen)
        return list(found.values())

    def describe(self, catalog: Catalog, locale: str | None = None) -> str:
        """Whom it names, in words for people."""
        return "、".join(entry.describe(catalog, locale) for entry in self.entries)


def schema() -> dict[str, Any]:
    """The JSON Schema of a `who:`: one entry, or a list of them."""
    entry = {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {name: kind.schema for name, kind in who_kinds.items()},
            },
        ]
    }
    return {
        "description": "Who: a role, a person, a field that holds one, starter, superior ... or a list of them (人员)",
        "anyOf": [*entry["anyOf"], {"type": "array", "minItems": 1, "items": entry}],
    }


def compile_who(
    document: Document,
    path: Path,
    scope: Scope,
    catalog: Catalog,
    problems: Problems,
    *,
    starter: bool = True,
    outside: bool = False,
) -> Who | None:
    """Compile what stands at `path` of a document whose shape was checked; None after telling its mistakes.

    `starter` says whether somebody starts what this belongs to (flows: yes, rules: no), `outside`
    whether addresses outside the house are allowed.
    """
    place = Place(document, path, scope, catalog, problems, starter, outside)
    value = document.get(*path)
    if not isinstance(value, list):
        return _who([_entry(value, place)])
    return _who([_entry(item, place.at(position)) for position, item in enumerate(value)])


def _who(entries: list[Kind | None]) -> Who | None:
    living = tuple(entry for entry in entries if entry is not None)
    return Who(living) if len(living) == len(entries) else None


def _entry(value: Any, place: Place) -> Kind | None:
    if isinstance(value, str):
        return _word(value, place)
    name, inner = next(iter(value.items()))
    return who_kinds[name].read(inner, place.at(name))


def _word(text: str, place: Place) -> Kind | None:
    """A plain word: one of ours, unless the record has a field of that name; else a path to a field."""
    own = place.scope.find(text) is not None
    if text in WORDS and not own:
        word: Callable[..., Kind | None] = who_kinds[text].read
        return word({} if text == "superior" else True, place)
    if "." not in text and not own and text in place.catalog.roles:
        place.refuse(f"'{text}' is a role, not a field", f"write {{role: {text}}}")
        return None
    if "." not in text and not own:
        known = [*WORDS, *place.scope.names()]
        place.problems.add(names.unknown("person, word or field", text, known, place.document.mark(*place.path)))
        return None
    return who_kinds["field"].read(text, place)
