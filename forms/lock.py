"""Lock: which table and column holds each form and field; kept by machine, so that a rename never moves data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, Text

from engine import jsontext
from engine.tables import metadata

if TYPE_CHECKING:
    from engine.work import Work

table = Table(
    "g_lock",
    metadata,
    Column("form", String(130), primary_key=True),
    Column("kept", Text, nullable=False),
)

_READ = "SELECT form, kept FROM g_lock ORDER BY form"
_WRITE = """INSERT INTO g_lock (form, kept) VALUES (:form, :kept)
ON CONFLICT (form) DO UPDATE SET kept = excluded.kept"""


@dataclass
class Names:
    """What one form is called in the database.

    `columns` maps the fields there are to columns, `kinds` to their types; `past` maps names that a field
    had before to its column, so that a process on the version before still finds it.
    """

    table: str
    columns: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    past: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)

    def column(self, id: str) -> str:
        return self.columns.get(id) or self.past.get(id) or id

    def free(self, id: str) -> str:
        """A column name for a new field that no present or former field uses."""
        taken = {*self.columns.values(), *self.past.values(), *self.removed.values()}
        name, number = id, 2
        while name in taken:
            name, number = f"{id}_{number}", number + 1
        return name

    def plain(self) -> dict[str, Any]:
        kept: dict[str, Any] = {"table": self.table}
        for name in ("columns", "kinds", "past", "removed"):
            if getattr(self, name):
                kept[name] = dict(getattr(self, name))
        return kept


@dataclass
class Lock:
    """The names of all forms; `past` maps a form's former id to its table."""

    forms: dict[str, Names] = field(default_factory=dict)

    def names(self, form: str) -> Names:
        """The names of a form, those it would be given where it has none yet."""
        return self.forms.get(form) or Names(self.free(form))

    def free(self, form: str) -> str:
        """A table name for a new form that no other form uses."""
        taken = {names.table for names in self.forms.values()}
        name = first = form.replace(".", "__")
        number = 2
        while name in taken:
            name, number = f"{first}_{number}", number + 1
        return name

    def plain(self) -> dict[str, Any]:
        """The lock as lock.yaml and the database keep it."""
        return {"forms": {id: names.plain() for id, names in sorted(self.forms.items())}}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Lock:
        """The lock that was kept."""
        return cls({id: _names(id, kept) for id, kept in (plain.get("forms") or {}).items()})


def _names(id: str, kept: Mapping[str, Any]) -> Names:
    parts = ({str(key): str(value) for key, value in (kept.get(part) or {}).items()} for part in _PARTS)
    return Names(str(kept.get("table") or id), *parts)


_PARTS = ("columns", "kinds", "past", "removed")


def read(work: Work) -> Lock:
    """The lock of this database; that of the app folder where the database has none yet."""
    rows = work.driver(_READ).fetchall()
    if not rows:
        return Lock.of(work.catalog.lock)
    return Lock.of({"forms": {form: jsontext.load(kept) for form, kept in rows}})


def write(work: Work, lock: Lock) -> None:
    """Keep the lock in the database."""
    rows = [{"form": id, "kept": jsontext.dump(names.plain())} for id, names in lock.forms.items()]
    work.driver_many(_WRITE, rows)
