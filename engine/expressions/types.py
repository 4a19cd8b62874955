"""Types of values in expressions: a kind, whether it may be empty, and what the kind needs to know."""

from __future__ import annotations

from dataclasses import dataclass, replace

NUMERIC = frozenset({"integer", "number", "money", "percent", "duration"})
ROWS = frozenset({"reference", "person"})  # values that are ids of rows
KINDS = NUMERIC | ROWS | {"text", "boolean", "date", "datetime", "time", "choice", "choices", "department", "role"}
KINDS |= {"related", "record", "json", "null"}


@dataclass(frozen=True, slots=True)
class Type:
    """What a name or a part of an expression holds.

    `scale` is the number of decimals of a number, `options` the ids of a choice (None: any),
    `form` the target of a reference, a relation or a record.
    """

    kind: str
    nullable: bool = True
    scale: int = 0
    options: tuple[str, ...] | None = None
    form: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no kind {self.kind!r} of values")

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    def filled(self) -> Type:
        """The same type, never empty."""
        return replace(self, nullable=False)

    def maybe(self, nullable: bool = True) -> Type:
        """The same type, empty at times when `nullable`."""
        return replace(self, nullable=nullable)

    def scaled(self, scale: int) -> Type:
        """The same kind of number with another count of decimals."""
        return replace(self, scale=scale)


def integer(nullable: bool = True) -> Type:
    return Type("integer", nullable)


def number(scale: int = 2, nullable: bool = True) -> Type:
    return Type("number", nullable, scale)


def money(nullable: bool = True, scale: int = 2) -> Type:
    return Type("money", nullable, scale)


def percent(nullable: bool = True, scale: int = 4) -> Type:
    """A share of one: 0.0500 is five percent."""
    return Type("percent", nullable, scale)


def duration(nullable: bool = True) -> Type:
    """A length of time in whole minutes."""
    return Type("duration", nullable)


def text(nullable: bool = True) -> Type:
    return Type("text", nullable)


def boolean(nullable: bool = True) -> Type:
    return Type("boolean", nullable)


def date(nullable: bool = True) -> Type:
    """A business date."""
    return Type("date", nullable)


def datetime(nullable: bool = True) -> Type:
    """An aware UTC instant."""
    return Type("datetime", nullable)


def time(nullable: bool = True) -> Type:
    """A time of day as text, "08:30"."""
    return Type("time", nullable)


def choice(*options: str, nullable: bool = True) -> Type:
    return Type("choice", nullable, options=options or None)


def choices(*options: str, nullable: bool = True) -> Type:
    """Several choices or tags; a tuple of ids."""
    return Type("choices", nullable, options=options or None)


def reference(form: str, nullable: bool = True) -> Type:
    return Type("reference", nullable, form=form)


def person(nullable: bool = True) -> Type:
    return Type("person", nullable)


def department(nullable: bool = True) -> Type:
    return Type("department", nullable)


def role(nullable: bool = True) -> Type:
    return Type("role", nullable)


def related(form: str) -> Type:
    """The records of `form` that point here: a to-many relation."""
    return Type("related", False, form=form)


def record(form: str | None = None) -> Type:
    """Something with names of its own and no value of its own, such as `settings`."""
    return Type("record", False, form=form)


def json(nullable: bool = True) -> Type:
    return Type("json", nullable)


def null() -> Type:
    return Type("null", True)
