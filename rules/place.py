"""Place: one spot in a rule file, and how what is written there is compiled against the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.calendar.duration import BadDuration, Duration
from engine.errors import ConfigError, Mark, Problems
from engine.expressions import Expression, Scope, Type, compile_expression
from engine.names import unknown
from engine.source import Document
from engine.texts import Text, compile_text
from engine.who import Who, compile_who

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from forms.form import Form


@dataclass(frozen=True)
class Place:
    """A value in a document with the form it speaks about; mistakes go to `problems`, answers are then None."""

    catalog: Catalog
    form: Form
    scope: Scope
    document: Document
    path: tuple[str | int, ...]
    problems: Problems

    @property
    def value(self) -> Any:
        return self.document.get(*self.path)

    @property
    def mark(self) -> Mark:
        return self.document.mark(*self.path)

    def at(self, *path: str | int) -> Place:
        """The place below this one."""
        return Place(self.catalog, self.form, self.scope, self.document, (*self.path, *path), self.problems)

    def about(self, form: Form, scope: Scope) -> Place:
        """The same spot, read against another form."""
        return Place(self.catalog, form, scope, self.document, self.path, self.problems)

    def has(self, key: str) -> bool:
        return isinstance(self.value, Mapping) and key in self.value

    def refuse(self, error: ConfigError) -> None:
        self.problems.add(error)

    def expression(self, *, expect: Type | None = None) -> Expression | None:
        """Compile the text here as an expression of the expected type."""
        value = self.value
        source = value if isinstance(value, str) else _literal(value)
        try:
            return compile_expression(source, self.scope, expect=expect, mark=self.mark)
        except ConfigError as error:
            self.refuse(error)
            return None

    def text(self) -> Text | None:
        """Compile the text with holes here."""
        try:
            return compile_text(self.value, self.scope, self.mark)
        except ConfigError as error:
            self.refuse(error)
            return None

    def who(self) -> Who | None:
        """Compile the recipients declared here."""
        return compile_who(self.document, self.path, self.scope, self.catalog, self.problems, starter=False)

    def duration(self) -> Duration | None:
        """Read the stretch of time written here."""
        try:
            return Duration.parse(self.value)
        except BadDuration as error:
            self.refuse(ConfigError(error.message, self.mark, error.hint))
            return None

    def known(self, noun: str, kind: str, name: str) -> Any:
        """The declared thing of this kind, or None after telling what it might have been."""
        declared = self.catalog[kind]
        if name not in declared:
            self.refuse(unknown(noun, name, list(declared), self.mark))
            return None
        return declared[name]


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "None", True: "True", False: "False"}[value]
    return str(value)
