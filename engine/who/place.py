"""Place: where an entry of a `who:` stands, what it may refer to, and how its mistakes are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine import names
from engine.errors import ConfigError, Problems
from engine.expressions import compile_expression

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression, Scope
    from engine.source import Document, Path


@dataclass(frozen=True, slots=True)
class Place:
    """One spot of a document.

    `starter` says whether there is one, `outside` whether addresses outside the house are allowed.
    """

    document: Document
    path: Path
    scope: Scope
    catalog: Catalog
    problems: Problems
    starter: bool = True
    outside: bool = False

    def at(self, *steps: str | int) -> Place:
        """The spot so many steps further in."""
        return replace(self, path=(*self.path, *steps))

    def refuse(self, message: str, hint: str | None = None) -> None:
        self.problems.add(ConfigError(message, self.document.mark(*self.path), hint))

    def role(self, name: str) -> str | None:
        """The role of this name; None after telling that there is none."""
        if name in self.catalog.roles:
            return name
        self.problems.add(names.unknown("role", name, self.catalog.roles, self.document.mark(*self.path)))
        return None

    def expression(self, text: str, kinds: tuple[str, ...], wanted: str) -> Expression | None:
        """The compiled text when it answers one of these kinds; None after telling what is wrong."""
        try:
            found = compile_expression(text, self.scope, mark=self.document.mark(*self.path))
        except ConfigError as error:
            self.problems.add(error)
            return None
        if found.type.kind not in kinds:
            self.refuse(f"'{text}' is a {found.type.kind}, not {wanted}", f"name a field that holds {wanted}")
            return None
        for warning in found.warnings:
            self.problems.warn(warning)
        return found

    def label(self, path: str) -> str:
        """The label of a field, or the path as written where it has none."""
        scope, label = self.scope, path
        for name in path.split("."):
            label = scope.names().get(name, path)
            inner = scope.into(name)
            if inner is None:
                break
            scope = inner
        return label
