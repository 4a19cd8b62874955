"""Place: one spot in a file that speaks about a form's records, and how what is written there is compiled."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """A value in a document with the form it speaks about; mistakes go to `problems`, answers are then None.

    `names` stands in for the form's own scope where it is set; `starter` says whether somebody starts what the
    file declares (flows: yes, rules: no).
    """

    catalog: Catalog
    form: Form
    document: Document
    path: tuple[str | int, ...]
    problems: Problems
    names: Scope | None = None
    starter: bool = True

    @property
    def scope(self) -> Scope:
        return self.names or self.form.scope

    @property
    def value(self) -> Any:
        return self.document.get(*self.path)

    @property
    def mark(self) -> Mark:
        return self.document.mark(*self.path)

    def key_mark(self, *path: str | int) -> Mark:
        return self.document.key_mark(*self.path, *path)

    def at(self, *path: str | int) -> Place:
        """The place below this one."""
        return replace(self, path=(*self.path, *path))

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def refuse(self, message: str, hint: str | None = None, mark: Mark | None = None) -> None:
        self.problems.add(ConfigError(message, mark or self.mark, hint))

    def warn(self, message: str, hint: str | None = None) -> None:
        self.problems.warn(ConfigError(message, self.mark, hint))

    def expression(self, expect: Type | None = None) -> Expression | None:
        """Compile what is written here as an expression of the expected type."""
        value = self.value
        text = value if isinstance(value, str) else {None: "None", True: "True", False: "False"}.get(value, str(value))
        try:
            return compile_expression(text, self.scope, expect=expect, mark=self.mark)
        except ConfigError as error:
            self.problems.add(error)
            return None

    def new_value(self, form: Form) -> Expression | None:
        """Compile the value for the field named by the last key; a choice takes the bare id of an option."""
        name = str(self.path[-1])
        field = form.fields.get(name)
        if field is None:
            self.problems.add(unknown("field", name, list(form.fields), self.document.key_mark(*self.path)))
            return None
        if field.compute is not None:
            self.refuse(f"'{name}' is computed and cannot be set", mark=self.document.key_mark(*self.path))
            return None
        wanted = field.value_type
        if isinstance(self.value, str) and wanted.options and self.value in wanted.options:
            return compile_expression(repr(self.value), self.scope, expect=wanted, mark=self.mark)
        word = self.value if isinstance(self.value, str) and self.value.isidentifier() else None
        if wanted.options and word is not None and self.scope.find(word) is None:
            self.problems.add(unknown("option", word, wanted.options, self.mark))
            return None
        return self.expression(wanted)

    def text(self) -> Text | None:
        """Compile the text with holes here."""
        try:
            return compile_text(self.value, self.scope, self.mark)
        except ConfigError as error:
            self.problems.add(error)
            return None

    def who(self) -> Who | None:
        """Compile the people declared here."""
        return compile_who(self.document, self.path, self.scope, self.catalog, self.problems, starter=self.starter)

    def duration(self) -> Duration | None:
        """Read the stretch of time written here."""
        try:
            return Duration.parse(self.value)
        except BadDuration as error:
            self.refuse(error.message, error.hint)
            return None

    def known(self, noun: str, kind: str) -> Any:
        """The declared thing of this kind that is named here, or None after telling what it might have been."""
        declared = self.catalog[kind]
        if self.value not in declared:
            self.problems.add(unknown(noun, self.value, list(declared), self.mark))
        return declared.get(self.value)

    def field_names(self) -> tuple[str, ...]:
        """The names of fields listed here; unknown ones are told."""
        for index, name in enumerate(self.value):
            if name not in self.form.fields:
                mark = self.document.mark(*self.path, index)
                self.problems.add(unknown("field", name, list(self.form.fields), mark))
        return tuple(name for name in self.value if name in self.form.fields)
