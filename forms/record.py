"""Record: one saved record as a reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.errors import AccessDenied
from forms import access, computing, titles
from forms.env import RecordEnv, words
from forms.form import Field, Form

if TYPE_CHECKING:
    from engine.work import Work


class Record:
    """One record; `record["name"]` answers the fields that its reader may see, computed ones among them.

    `warnings` holds the words of guards that only warn. `env` sees all fields: it is for what the app declares.
    """

    def __init__(
        self,
        work: Work,
        form: Form,
        values: Mapping[str, Any],
        warnings: tuple[str, ...] = (),
        computed: Mapping[str, Any] | None = None,
    ) -> None:
        self._work, self.form, self.stored, self.warnings = work, form, values, warnings
        self._loaded: dict[str, Any] = dict(computed or {})
        self._page: list[Record] = [self]
        self.id: int = values["id"]
        self.version: int = values.get("version", 0)

    @property
    def created_at(self) -> datetime:
        return self.stored["created_at"]  # type: ignore[no-any-return]

    @property
    def updated_at(self) -> datetime:
        return self.stored["updated_at"]  # type: ignore[no-any-return]

    def env(self, work: Work | None = None) -> RecordEnv:
        """The record for expressions, in the hand of this work."""
        return RecordEnv(work or self._work, self.form, self.stored, settled=True)

    def join(self, page: list[Record], family: list[RecordEnv]) -> None:
        """Let this record and the others of its page load together what they need; `family` are their envs."""
        self._page = page
        self._env = self.env()
        self._env.siblings = family
        family.append(self._env)

    @cached_property
    def _env(self) -> RecordEnv:
        return self.env()

    @cached_property
    def title(self) -> str:
        """What the record is called."""
        return titles.title(self._env)

    @cached_property
    def _visible(self) -> dict[str, Field]:
        principal = self._work.principal
        return {id: field for id, field in self.form.fields.items() if access.readable(principal, field)}

    def _computed(self, name: str) -> Any:
        """A computed field; the first one asked for brings all that the reader may see, for the whole page."""
        if name not in self._loaded:
            wanted = [field for field in self._visible.values() if field.computed]
            page = {record.id: record for record in self._page}
            for id, values in computing.values(self._work, self.form, page, wanted).items():
                page[id]._loaded.update(values)
        return self._loaded.get(name)

    def __getitem__(self, name: str) -> Any:
        field = self._visible.get(name)
        if field is None:
            if name in self.form.fields:
                raise AccessDenied(f"没有查看“{self.form.fields[name].label}”的权限")
            if name in ("id", "version", "created_at", "created_by", "updated_at", "updated_by"):
                return self.stored.get(name)
            raise KeyError(name)
        if field.computed:
            return self._computed(name)
        if field.lines:
            return self._lines(field)
        return self.stored.get(name)

    def _lines(self, field: Field) -> tuple[Mapping[str, Any], ...]:
        """The rows of a table, with their ids, and their computed fields reckoned here."""
        assert field.lines is not None
        seen = [one for one in field.lines.fields.values() if access.readable(self._work.principal, one)]
        return tuple(
            {"id": env.values.get("id")} | {one.id: env.value((one.id,)) for one in seen}
            for env in self._env.related((field.id,))
        )

    def __contains__(self, name: object) -> bool:
        return name in self._visible

    @cached_property
    def values(self) -> dict[str, Any]:
        """All visible values by field, computed ones and the rows of tables among them."""
        return {id: self[id] for id, field in self._visible.items() if field.type.name != "related"}

    def text(self, name: str, locale: str | None = None) -> str:
        """How a field reads; empty for no value."""
        value = self[name]
        if value is None:
            return ""
        locale, field = locale or self._work.principal.locale, self.form.fields[name]
        return words(self._work, field, value, locale, self._env.siblings) or field.type.format(value, locale)

    def __repr__(self) -> str:
        return f"<Record {self.form.id} {self.id}>"
