"""Reader: strict YAML; all mistakes of a file at once, each at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as FilePath

from engine.errors import ConfigErrors, Mark, SourceError
from engine.source import advice
from engine.source.composer import Composer
from engine.source.document import Document

MAX_BYTES = 256 * 1024

# What YAML 1.2 does not count as text, and what the parser would take for a line end though no editor does.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\ufeff]|\r(?!\n)")


def read(path: FilePath, file: str | None = None) -> Document:
    """Read a file; `file` is the name that marks show, the path itself if not given. Raises ConfigErrors."""
    file = file or path.as_posix()
    try:
        return read_text(decode(path.read_bytes(), file), file)
    except SourceError as error:
        raise ConfigErrors([error]) from None


def decode(data: bytes, file: str) -> str:
    """The text of a file. Raises SourceError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        mark = Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise SourceError("this is not UTF-8 text", mark, "save the file with the encoding UTF-8") from None


def read_text(text: str, file: str) -> Document:
    """Read YAML text. Raises ConfigErrors with every mistake that could be found."""
    errors = list(_unreadable(text, file))
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        errors.append(
            SourceError(
                f"the file is larger than {MAX_BYTES // 1024} KB", Mark(file, 1, 1), "split it into several files"
            )
        )
    if errors:
        raise ConfigErrors(errors)
    composer = Composer(text, file)
    value, root = composer.compose()
    if composer.errors:
        raise ConfigErrors(composer.errors)
    return Document(value, file, text, root)


def _unreadable(text: str, file: str) -> Iterator[SourceError]:
    for found in _UNREADABLE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        mark = Mark(file, line, found.start() - text.rfind("\n", 0, found.start()))
        message, hint = advice.unreadable(found.group(), first=found.start() == 0)
        yield SourceError(message, mark, hint)
