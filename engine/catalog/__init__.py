"""Catalog: an app folder, read whole; immutable once it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.catalog import bundle
from engine.catalog.manifest import Manifest, MenuGroup
from engine.catalog.roles import Role
from engine.catalog.templates import Template
from engine.errors import ConfigError, ConfigErrors, Mark, Problems, SourceError
from engine.principal import Principal
from engine.room import DocumentKind
from engine.settings.declared import Setting
from engine.source import Document

if TYPE_CHECKING:
    from engine.calendar import Calendar

__all__ = ["Catalog", "MenuGroup", "Role", "Template"]


class Catalog(Mapping[str, Mapping[str, Any]]):
    """The living declarations of an app: `catalog["form"]["customer"]`.

    While it is loaded, the rooms see in it what was compiled before them. `files` is what a publication
    stores, and `hash` its name; `documents` holds what was written, by kind and id.
    """

    def __init__(self, files: Mapping[str, str], manifest: Manifest) -> None:
        self.files, self.hash = dict(files), bundle.content_hash(files)
        self.manifest = manifest
        self.documents: dict[str, dict[str, Document]] = {}
        self.roles: Mapping[str, Role] = {}
        self.settings: Mapping[str, Setting] = {}
        self.templates: Mapping[str, Template] = {}
        self.translations: Mapping[str, Mapping[str, str]] = {}
        self.lock: Mapping[str, Any] = {}
        self.warnings: tuple[ConfigError, ...] = ()
        self.declared: dict[str, Mapping[str, Any]] = {}
        self.calendars: dict[str, Calendar] = {}

    @classmethod
    def load(cls, folder: Path, kinds: Sequence[DocumentKind] = (), problems: Problems | None = None) -> Catalog:
        """Read an app folder. Raises ConfigErrors; `problems`, where given, then also holds the warnings."""
        problems = problems or Problems()
        where = Path(folder).as_posix()
        if not Path(folder).is_dir():
            raise ConfigErrors([SourceError("there is no such folder", Mark(where, 1, 1), "name the folder of an app")])
        files = bundle.collect(Path(folder), [kind.folder for kind in kinds], problems)
        return cls.from_files(files, kinds, problems, where=f"{where}/")

    @classmethod
    def from_files(
        cls,
        files: Mapping[str, str],
        kinds: Sequence[DocumentKind] = (),
        problems: Problems | None = None,
        where: str = "",
    ) -> Catalog:
        """Build a catalog from the texts of its files by name; marks show `where` before the names."""
        from engine.catalog.loading import load  # loading knows the catalog

        return load(files, kinds, problems or Problems(), where)

    def __getitem__(self, kind: str) -> Mapping[str, Any]:
        """The declarations of one kind by id."""
        return self.declared[kind]

    def __iter__(self) -> Any:
        return iter(self.declared)

    def __len__(self) -> int:
        return len(self.declared)

    @property
    def app(self) -> str:
        return self.manifest.app

    @property
    def title(self) -> str:
        return self.manifest.label

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def timezone(self) -> ZoneInfo:
        return self.manifest.timezone

    @property
    def locale(self) -> str:
        return self.manifest.locale

    @property
    def currency(self) -> str:
        return self.manifest.currency

    @property
    def menu(self) -> tuple[MenuGroup, ...]:
        return self.manifest.menu

    @property
    def options(self) -> Mapping[str, Mapping[str, Any]]:
        """The shared lists of choices: choice id to label, or to a map with `label` and more."""
        return self.manifest.options

    def label(self, text: str, locale: str | None = None) -> str:
        """A label in another language; the label itself where there is no translation. `en` serves `en-GB`, too."""
        for name in (locale, locale.split("-")[0]) if locale else ():
            if text in self.translations.get(name, {}):
                return self.translations[name][text]
        return text

    def may(self, principal: Principal, power: str) -> bool:
        """Whether one of the actor's roles has this power, such as `settings` or `publish`."""
        return principal.system or any(power in self.roles[role].can for role in principal.roles & self.roles.keys())

    def calendar(self, name: str | None = None) -> Calendar:
        """The working calendar of this name, or the one the app lives by."""
        return self.calendars[name or self.manifest.calendar or "default"]
