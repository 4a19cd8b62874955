"""Bundle: the files of an app folder by name, as they are stored when it is published."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from engine import names
from engine.errors import ConfigError, Mark, Problems, SourceError
from engine.source import decode

SUFFIX = ".yaml"
TOP = ("app.yaml", "settings.yaml", "roles.yaml", "lock.yaml")
FOLDERS = ("calendars", "locales", "templates", "tests")
BESIDE = ("sample",)  # data to try the app with; they are no part of what is published


def collect(folder: Path, kinds: Collection[str], problems: Problems) -> dict[str, str]:
    """The texts of all files that belong to the app, by name; warns of what does not.

    Hidden files, notes (`*.md`) and sample data may lie beside them.
    """
    known = {*FOLDERS, *kinds}
    files: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix == ".md" or path.name in BESIDE:
            continue
        if path.is_dir():
            if path.name in known:
                _collect_folder(path, folder, files, problems)
            else:
                _warn(problems, path, f"the folder '{path.name}' is not read", names.hint(path.name, known))
        elif path.name in TOP:
            _take(path, folder, files, problems)
        else:
            _warn(problems, path, f"the file '{path.name}' is not read", names.hint(path.name, TOP))
    return files


def content_hash(files: Mapping[str, str]) -> str:
    """The name of exactly these files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _collect_folder(inner: Path, folder: Path, files: dict[str, str], problems: Problems) -> None:
    for path in sorted(inner.iterdir()):
        if path.name.startswith(".") or path.suffix == ".md":
            continue
        if path.is_dir() or path.suffix != SUFFIX:
            hint = f"files here end in {SUFFIX}" if path.is_file() else "files lie directly in this folder"
            _warn(problems, path, f"'{path.name}' is not read", hint)
        else:
            _take(path, folder, files, problems)


def _take(path: Path, folder: Path, files: dict[str, str], problems: Problems) -> None:
    try:
        text = decode(path.read_bytes(), path.as_posix())
    except SourceError as error:
        problems.add(error)
    except OSError as error:
        problems.add(SourceError(f"this cannot be read: {error.strerror}", Mark(path.as_posix(), 1, 1)))
    else:
        files[path.relative_to(folder).as_posix()] = text.replace("\r\n", "\n")


def _warn(problems: Problems, path: Path, message: str, hint: str | None) -> None:
    problems.warn(ConfigError(message, Mark(path.as_posix(), 1, 1), hint))
