"""Settings: the values that admins have chosen, typed; and the one way to change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, String, Table, Text, bindparam, delete, select, text

from engine import audit, jsontext, names
from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.events import Event
from engine.settings.declared import Setting
from engine.settings.kinds import BadSetting
from engine.settings.scope import scope
from engine.tables import Instant, metadata

if TYPE_CHECKING:
    from engine.work import Work

__all__ = ["Setting", "Settings", "change", "reset", "scope", "table"]

table = Table(
    "g_setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_by", String(200), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
)


class Settings(Mapping[str, Any]):
    """Typed values by name, as they stand in one transaction; `versions` counts the changes of each."""

    def __init__(self, declared: Mapping[str, Setting], values: Mapping[str, Any], versions: Mapping[str, int]) -> None:
        self.declared, self.versions = declared, versions
        self._values = {name: values.get(name, setting.default) for name, setting in declared.items()}

    @classmethod
    def load(cls, work: Work) -> Settings:
        """One query, none for an app without settings.

        A stored value that the app no longer accepts gives way to the default.
        """
        declared = work.catalog.settings
        values: dict[str, Any] = {}
        versions: dict[str, int] = {}
        if declared:
            for row in work.execute(select(table.c.name, table.c.value, table.c.version)):
                name, value, version = row.name, row.value, row.version
                if name in declared:
                    versions[name] = version
                    try:
                        values[name] = declared[name].parse(jsontext.load(value))
                    except BadSetting:
                        continue
        return cls(declared, values, versions)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def at(self, path: Sequence[str]) -> Any:
        """The value behind `settings.` in an expression: a setting, or one part of it."""
        value = self._values[path[0]]
        for part in path[1:]:
            value = value[part]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


# Sets the value if nobody was faster: the row is new, or still has the version that was read.
_SET = text("""INSERT INTO g_setting (name, value, changed_by, changed_at, version)
VALUES (:name, :value, :changed_by, :changed_at, :version + 1)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by,
  changed_at = excluded.changed_at, version = excluded.version
WHERE g_setting.version = :version""").bindparams(bindparam("changed_at", type_=Instant))


def change(work: Work, name: str, value: Any, *, version: int | None = None) -> None:
    """Give a setting another value, from now on; `value` is typed or as a person typed it.

    `version` is the one the person saw. Raises AccessDenied, NotFound, InputError with the bound that was
    broken, and Conflict when someone was faster.
    """
    setting = _turnable(work, name)
    try:
        after = setting.parse(value)
    except BadSetting as bad:
        raise InputError({name: f"{setting.label}:{bad}"}) from None
    seen = _version(work, name, version)
    row = {"name": name, "value": jsontext.dump(after), "changed_by": work.principal.name}
    if work.execute(_SET, {**row, "changed_at": work.now, "version": seen}).rowcount != 1:
        raise Conflict(f"「{setting.label}」刚刚被别人修改，请刷新后再试")
    _tell(work, setting, after)


def reset(work: Work, name: str, *, version: int | None = None) -> None:
    """Give a setting back the value that the app declares, and let it follow the app from now on."""
    setting = _turnable(work, name)
    seen = _version(work, name, version)
    if seen and work.execute(delete(table).where(table.c.name == name, table.c.version == seen)).rowcount != 1:
        raise Conflict(f"「{setting.label}」刚刚被别人修改，请刷新后再试")
    _tell(work, setting, setting.default)


def _turnable(work: Work, name: str) -> Setting:
    if not work.catalog.may(work.principal, "settings"):
        raise AccessDenied("需要可以调整设置的角色")
    if name not in work.catalog.settings:
        meant = names.nearest(name, work.catalog.settings)
        raise NotFound(f"没有设置「{name}」" + (f"，是否指 {meant}？" if meant else ""))
    return work.catalog.settings[name]


def _version(work: Work, name: str, expected: int | None) -> int:
    """The version that stands; Conflict when it is not the one the person saw."""
    standing = work.settings.versions.get(name, 0)
    if expected is not None and expected != standing:
        setting = work.catalog.settings[name]
        raise Conflict(f"「{setting.label}」已被修改为 {work.settings[name]}", work.settings[name])
    return standing


def _tell(work: Work, setting: Setting, after: Any) -> None:
    before = work.settings[setting.id]
    del work.cache["settings"]
    if before != after:
        detail = {"name": setting.id, "before": before, "after": after}
        audit.write(work, "setting.change", setting.id, detail)
        work.publish(Event("setting.changed", changes={setting.id: (before, after)}, data=detail))
