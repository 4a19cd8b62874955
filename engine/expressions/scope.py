"""Scope: which names an expression may use, and of which type they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from engine.expressions.types import Type

if TYPE_CHECKING:
    from engine.expressions.expression import Expression

RESERVED = frozenset({"settings", "user", "this"})  # no field may take these names


class Scope(Protocol):
    """The names of one kind of record; forms, flows and rules bring their own."""

    def find(self, name: str) -> Type | None:
        """The type of a name, or None when there is no such name."""

    def into(self, name: str) -> Scope | None:
        """The scope that a reference, person, relation, `settings` or `user` leads to."""

    def names(self) -> Mapping[str, str]:
        """All names with their labels, for hints."""

    def expand(self, name: str) -> Expression | None:
        """The expression that a computed name stands for, compiled in this scope with `expect` its declared type."""


class MapScope:
    """A scope from plain dicts: types, the scopes they lead to, labels, and computed names."""

    def __init__(
        self,
        names: Mapping[str, Type],
        scopes: Mapping[str, Scope] | None = None,
        labels: Mapping[str, str] | None = None,
        computed: Mapping[str, Expression] | None = None,
    ) -> None:
        self._types, self._scopes, self._labels, self._computed = names, scopes or {}, labels or {}, computed or {}

    def find(self, name: str) -> Type | None:
        return self._types.get(name)

    def into(self, name: str) -> Scope | None:
        return self._scopes.get(name)

    def names(self) -> Mapping[str, str]:
        return {name: self._labels.get(name, name) for name in self._types}

    def expand(self, name: str) -> Expression | None:
        return self._computed.get(name)
