"""Errors, by who can act on them: the author of the YAML, the person at the form, an operator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a source file; line and column count from 1, as editors do.

    The mark of a text also finds its characters in the file, past quotes, escapes and line ends:
    `mark.at(7)` is the place of character 7 of the value.
    """

    file: str
    line: int
    column: int
    inside: Callable[[int], Mark] | None = field(default=None, repr=False, compare=False)

    def at(self, offset: int) -> Mark:
        """The place of the character at this offset of the value that stands here."""
        inner = self.inside
        if inner is None:
            return Mark(self.file, self.line, self.column + offset)
        found = inner(offset)
        return Mark(found.file, found.line, found.column, lambda more: inner(offset + more))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class GuijuError(Exception):
    """The root of every error that Guiju raises on purpose."""


class ConfigError(GuijuError):
    """A mistake in an app folder, at its place, with a hint that says what to do next."""

    code = "config"

    def __init__(self, message: str, mark: Mark | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.mark, self.hint = message, mark, hint

    def __str__(self) -> str:
        where = f"{self.mark}: " if self.mark else ""
        return f"{where}{self.message}" + (f"\n  hint: {self.hint}" if self.hint else "")


class SourceError(ConfigError):
    """The text is not the YAML we read: syntax, duplicate key, anchor, tag, size."""

    code = "source"


class SchemaError(ConfigError):
    """A key or value has the wrong shape."""

    code = "schema"


class UnknownName(ConfigError):
    """A name refers to nothing; the hint names the nearest known one."""

    code = "unknown-name"


class ExpressionError(ConfigError):
    """An expression does not parse or has the wrong type; the mark points inside it."""

    code = "expression"


class ConfigErrors(GuijuError):
    """All mistakes of an app folder at once, in file order."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = sorted(errors, key=lambda error: (error.mark is None, error.mark or Mark("", 0, 0)))
        super().__init__("\n".join(map(str, self.errors)))


class Problems:
    """Collects mistakes and warnings while an app folder is read, so that all are told at once."""

    def __init__(self) -> None:
        self.errors: list[ConfigError] = []
        self.warnings: list[ConfigError] = []

    def add(self, error: ConfigError) -> None:
        self.errors.append(error)

    def warn(self, warning: ConfigError) -> None:
        self.warnings.append(warning)

    def raise_if_any(self) -> None:
        if self.errors:
            raise ConfigErrors(self.errors)


class InputError(GuijuError):
    """What a person sent cannot be saved: field name to words they can act on ("" holds the whole record)."""

    def __init__(self, fields: Mapping[str, str | list[str]], **more: Any) -> None:
        self.fields = {name: [words] if isinstance(words, str) else list(words) for name, words in fields.items()}
        self.more = more
        super().__init__("; ".join(f"{name}: {' '.join(words)}" for name, words in self.fields.items()))


class GuardRefused(InputError):
    """A guard would be broken; `guard` is its id, `lines` the sum that explains it, `flow` a way out or None."""

    def __init__(self, guard: str, message: str, *, lines: list[tuple[str, Any]], flow: str | None = None) -> None:
        super().__init__({"": message})
        self.guard, self.message, self.lines, self.flow = guard, message, lines, flow


class AccessDenied(GuijuError):
    """The principal may not do this; the text says what is missing."""


class NotFound(GuijuError):
    """There is no such thing, or none that this principal may know of."""


class Conflict(GuijuError):
    """Someone was faster; `current` holds what stands now, where it helps (HTTP 409)."""

    def __init__(self, message: str, current: Any = None) -> None:
        super().__init__(message)
        self.current = current


class EvaluationError(GuijuError):
    """An expression failed at run time; a recorded state of its firing or task, never taken as false."""


class DeliveryError(GuijuError):
    """A message did not get out; permanent ones are parked, others retried with backoff."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Busy(GuijuError):
    """The database was held too long by others; nothing was done and the same request may be sent again (HTTP 503)."""
