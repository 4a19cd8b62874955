"""Kind: one way of naming people in YAML; each is a small file in `kinds/`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from engine.registry import Registry

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Env, Expression
    from engine.people import Person
    from engine.who.place import Place
    from engine.work import Work

who_kinds: Registry[Kind] = Registry("way of naming people", "guiju.who")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One person who was found, or an address outside, and why in words."""

    person_id: int | None
    why: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a kind may look at while it looks for people: the record, and who started the flow."""

    work: Work
    env: Env
    starter: int | None = None


class Kind(ABC):
    """One entry of a `who:`; `schema` is the JSON Schema of what stands behind its key."""

    name: ClassVar[str]
    schema: ClassVar[Mapping[str, Any]]
    role: str | None = None  # the role whose holders it names, for pools
    expressions: tuple[Expression, ...] = ()  # what it reads of the record

    @classmethod
    @abstractmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        """The living entry; None after its mistakes were told at the place."""

    @abstractmethod
    def choose(self, ask: Ask) -> Iterable[Chosen]:
        """The people this names now, in order; who has left may be among them and is dropped later."""

    @abstractmethod
    def describe(self, catalog: Catalog, locale: str | None) -> str:
        """What it names, in words for people."""


def all_of(people: Iterable[Person], why: str) -> list[Chosen]:
    """All of these people for one reason."""
    return [Chosen(person.id, why) for person in people]
