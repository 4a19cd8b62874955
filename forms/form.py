"""Form: what one kind of record holds and who may do what with it, compiled from one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.errors import Mark
from engine.expressions import Expression, Type
from engine.texts import Text
from forms.fields import FieldType

if TYPE_CHECKING:
    from forms.access import Access
    from forms.guards import Guard
    from forms.scope import FormScope
    from forms.storage import Storage

SYSTEM_FIELDS: Mapping[str, tuple[str, Type]] = {
    "id": ("编号", Type("integer", False)),
    "version": ("版本", Type("integer", False)),
    "created_at": ("创建时间", Type("datetime", False)),
    "created_by": ("创建人", Type("person")),
    "updated_at": ("修改时间", Type("datetime", False)),
    "updated_by": ("修改人", Type("person")),
}


@dataclass(slots=True)
class Check:
    """A condition on the record as it will stand; `field` is where the words appear ("" for the whole record)."""

    require: Expression
    message: Text | None
    field: str


@dataclass(slots=True)
class Field:
    """One declared field. `default` is a typed value or an Expression; `read` None means all who see the record."""

    id: str
    label: str
    type: FieldType
    mark: Mark | None
    required: bool | Expression = False
    unique: bool = False
    check: Check | None = None
    default: Any = None
    visible: Expression | None = None
    readonly: bool | Expression = False
    read: frozenset[str] | None = None
    write: frozenset[str] | None = None
    system: bool = False  # only flows and rules write it
    search: bool = False
    compute: Expression | None = None
    offered: Expression | None = None  # which records of a reference's form may be chosen
    help: str = ""
    lines: Form | None = None
    computed: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stored(self) -> bool:
        """Whether the form's own table has a column for it."""
        return self.type.stored and not self.computed

    @property
    def nullable(self) -> bool:
        return self.required is not True

    @property
    def value_type(self) -> Type:
        """Its type in expressions."""
        return self.type.type(self.nullable)


@dataclass(frozen=True, slots=True)
class View:
    """A named selection on a form's list."""

    id: str
    label: str
    where: Expression | None
    sort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """How a form is listed: columns, views, sort (a leading - is descending) and sums below the columns."""

    columns: tuple[str, ...]
    views: Mapping[str, View]
    sort: tuple[str, ...]
    totals: tuple[str, ...]


@dataclass(eq=False)
class Form:
    """One kind of record, compiled. A sub-table of lines is a form of its own with a `parent`."""

    id: str
    label: str
    mark: Mark | None
    fields: dict[str, Field] = field(default_factory=dict)
    title: Text | None = None
    checks: tuple[Check, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    guards: dict[str, Guard] = field(default_factory=dict)
    layout: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    dated: str | None = None  # the date field since when a record counts
    parent: Form | None = None
    removed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    was: str | None = None
    help: str = ""
    list: ListPage = ListPage((), {}, (), ())
    scope: FormScope = field(init=False)
    access: Access = field(init=False)
    storage: Storage | None = None  # bound to the database's lock when first needed; ask forms.storage.of
    compiled: dict[object, object] = field(default_factory=dict)  # what others worked out once for this form

    @property
    def views(self) -> Mapping[str, View]:
        return self.list.views

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        """The fields that have a column, in file order."""
        return tuple(found for found in self.fields.values() if found.stored)

    @cached_property
    def computed(self) -> tuple[Field, ...]:
        return tuple(found for found in self.fields.values() if found.computed)

    @cached_property
    def lines(self) -> tuple[Field, ...]:
        """The fields that are tables inside the record."""
        return tuple(found for found in self.fields.values() if found.lines is not None)

    def __repr__(self) -> str:
        return f"<Form {self.id}>"
