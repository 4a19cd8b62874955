"""What is wrong in a form's file is told all at once, each at its place, with a hint; the words are golden files."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.errors import ConfigErrors
from forms.room import ROOM
from tests.forms.conftest import FILES

CASES = sorted(Path("tests/errors").glob("form_*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_mistakes_read_as_agreed(case: Path) -> None:
    files = {
        "app.yaml": "format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\ntimezone: Asia/Shanghai\n",
        **FILES,
        "forms/note.yaml": case.read_text(encoding="utf-8"),
    }
    with pytest.raises(ConfigErrors) as refused:
        Catalog.from_files(files, ROOM.kinds)
    golden = case.with_suffix(".txt")
    assert str(refused.value) + "\n" == golden.read_text(encoding="utf-8")
