"""Sample data: the people and files that an app brings along to be tried out with."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine import passwords, people
from engine.app import App
from engine.errors import ConfigError, InputError
from engine.events import Cause
from engine.principal import SYSTEM
from engine.source import read
from engine.work import Work
from forms.imports import apply, put

FOLDER = "sample"
SIGNS = "bcdfghjkmnpqrstvwxz23456789"  # none that are taken for another, and no vowels to make words of


def day_of(folder: Path) -> date | None:
    """The day on which the sample data of an app are to be looked at (`{today: 2026-11-21}` in load.yaml), if told."""
    return next((date.fromisoformat(entry["today"]) for entry in _listed(folder / FOLDER) if "today" in entry), None)


def load_sample(app: App, folder: Path) -> list[str]:
    """Load `sample/people.yaml` and the files of `sample/load.yaml`, all or nothing, into a database without people.

    Answers what to tell whoever started it: the logins and their password, which is not shown again.
    """
    source = folder / FOLDER
    if not source.is_dir():
        raise ConfigError(f"{folder} brings no sample data", hint=f"put people.yaml and load.yaml into {source}")
    with app.work(SYSTEM, cause=Cause("initial", "sample")) as work:
        if people.everyone(work):
            return ["sample data is there already; a new password for a login: guiju user APP LOGIN"]
        people.load(work, read(source / "people.yaml").value)
        told = list(_files(work, source))
        return [*told, *_logins(work)]


def _listed(source: Path) -> list[Mapping[str, Any]]:
    listed = source / "load.yaml"
    found: list[Mapping[str, Any]] = read(listed).value if listed.is_file() else []
    return found


def _files(work: Work, source: Path) -> Iterator[str]:
    for entry in _listed(source):
        if "today" in entry:
            continue
        path = source / entry["file"]
        try:
            batch, _ = put(work, entry["form"], path.read_bytes(), path.name, entry.get("key"))
            done, _ = apply(work, batch.id)
        except InputError as error:
            raise _told(path, error) from error
        label = work.catalog["form"][done.form].label
        yield f"  {path.name}: {len(done.created)} new, {done.updated} changed ({label})"


def _told(path: Path, error: InputError) -> ConfigError:
    plan = error.more.get("plan")
    first = [str(mistake) for mistake in plan.mistakes[:20]] if plan else [str(error)]
    return ConfigError("\n".join([f"{path}: cannot be loaded", *first]))


def _logins(work: Work) -> Iterator[str]:
    """Give all demo people one password, and name for every role somebody who holds it."""
    password = "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(4))
    everyone = people.everyone(work)
    for person in everyone:
        passwords.set_password(work, person.id, password)
    yield f"logins, all with the password {password}"
    for role in work.catalog.roles.values():
        holders = sorted((one for one in everyone if role.id in one.roles), key=lambda one: len(one.roles))
        if holders:
            yield f"  {holders[0].login:<8} {holders[0].name}  {role.label}"
