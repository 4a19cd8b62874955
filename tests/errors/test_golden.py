"""Golden errors: every broken file here says exactly what is wrong, where, and what to do next.

`NAME.yaml` begins with `# read as FILE`, its place in an app folder; `NAME.txt` is what must be told.
Run with GUIJU_WRITE_GOLDEN=1 to write the texts, and read them before they are committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.errors import ConfigErrors

HERE = Path(__file__).parent
APP = "format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\ntimezone: Asia/Shanghai\n"
ENGINE = ("app.yaml", "settings.yaml", "roles.yaml", "lock.yaml", "calendars/", "locales/", "templates/")


def cases() -> list[Path]:
    return [path for path in sorted(HERE.glob("*.yaml")) if read_as(path).startswith(ENGINE)]


def read_as(path: Path) -> str:
    """The name of the file; nothing for those that a room tests with files of its own."""
    named = re.match(r"# read as (\S+)", path.read_text(encoding="utf-8"))
    return named.group(1) if named else ""


@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem)
def test_the_author_is_told(path: Path) -> None:
    files = {"app.yaml": APP, read_as(path): path.read_text(encoding="utf-8")}
    with pytest.raises(ConfigErrors) as wrong:
        Catalog.from_files(files)
    told = str(wrong.value) + "\n"
    golden = path.with_suffix(".txt")
    if os.environ.get("GUIJU_WRITE_GOLDEN"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
