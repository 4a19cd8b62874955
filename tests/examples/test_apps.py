"""The shipped apps: configuration only, without a mistake, and translated in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.catalog import Catalog
from engine.errors import Problems
from engine.source import fmt, read
from ui import compose

EXAMPLES = Path(__file__).parents[2] / "examples"
CREDIT, LEAVE = EXAMPLES / "credit", EXAMPLES / "leave"
CHINESE = re.compile("[\u4e00-\u9fff]")
READ_BY_PEOPLE = {"label", "help", "unit", "group", "message", "option"}


@pytest.mark.parametrize("app", [CREDIT, LEAVE], ids=lambda path: path.name)
def test_an_app_loads_without_mistake_or_doubt(app):
    problems = Problems()
    Catalog.load(app, compose.kinds(), problems)
    assert [str(warning) for warning in problems.warnings] == []


def test_credit_is_configuration_only():
    assert {path.suffix for path in CREDIT.rglob("*") if path.is_file()} == {".yaml", ".xlsx"}


def test_leave_is_tiny():
    files = list(LEAVE.rglob("*.yaml"))
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) < 80
    folders = sorted(path.parent.name for path in files if path.parent != LEAVE)
    assert [folder for folder in folders if folder in ("forms", "flows", "rules", "reports")] == [
        "flows",
        "forms",
        "reports",
        "rules",
    ]


def texts(value: Any, key: str = "") -> Iterator[str]:
    """The texts of a file that people read: labels, words of refusals, choices and headings."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if key == "layout" and CHINESE.search(name):
                yield name
            yield from texts(inner, "option" if key in ("options", "labels") and isinstance(inner, str) else name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str) and key in READ_BY_PEOPLE and CHINESE.search(value):
        yield value


def test_every_label_of_credit_has_its_english():
    english = read(CREDIT / "locales" / "en.yaml").value
    files = [path for path in CREDIT.rglob("*.yaml") if path.parent.name not in ("tests", "sample", "locales")]
    found = {text for path in files for text in texts(read(path).value)}
    shared = read(CREDIT / "app.yaml").value["options"]
    labels = [
        told["label"] if isinstance(told, dict) else told for choices in shared.values() for told in choices.values()
    ]
    found |= {label for label in labels if CHINESE.search(label)}
    assert found - english.keys() == set(), "no English"
    assert english.keys() - found == set(), "nothing says this any more"


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_are_in_canonical_form(path):
    text = path.read_text(encoding="utf-8")
    assert fmt(text) == text, "run guiju fmt"
