"""What the documentation shows is true: its YAML stands in the apps, its commands and files exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.source import read, read_text
from ui.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
APPS = ("credit", "leave")
LARGEST = 150_000  # bytes of one picture


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.S | re.M)


YAML = [(name, text) for name, page in zip(NAMES, PAGES, strict=True) for text in blocks(page, "yaml")]

NAMED = [(found.group(1), text) for _, text in YAML if (found := re.match(r"# ([\w/]+\.yaml)", text))]


def fits(shown: Any, whole: Any) -> bool:
    """Whether a shown part says nothing that the whole does not say; it may leave out keys and items."""
    if isinstance(shown, dict):
        return isinstance(whole, dict) and all(key in whole and fits(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return isinstance(whole, list) and all(any(fits(one, other) for other in whole) for one in shown)
    return bool(shown == whole)


def stands_in(shown: Any, whole: Any) -> bool:
    """Whether the part fits the whole or anything in it."""
    inside = whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ()
    return fits(shown, whole) or any(stands_in(shown, one) for one in inside)


def test_there_is_yaml_to_look_at() -> None:
    assert len(YAML) > 2
    assert len(NAMED) > 1


@pytest.mark.parametrize(("name", "text"), YAML, ids=[f"{name}-{text[:24]!r}" for name, text in YAML])
def test_yaml_is_what_our_reader_takes(name: str, text: str) -> None:
    assert read_text(text, name).value


@pytest.mark.parametrize(("file", "text"), NAMED, ids=[file for file, _ in NAMED])
def test_yaml_that_names_its_file_stands_there(file: str, text: str) -> None:
    files = [path for app in APPS if (path := ROOT / "examples" / app / file).is_file()]
    assert any(stands_in(read_text(text, file).value, read(path).value) for path in files)


def test_a_changed_value_would_be_noticed() -> None:
    whole = read(ROOT / "examples/credit/rules/overdue_watch.yaml").value
    assert stands_in({"record": "receivable"}, whole)
    assert not stands_in({"record": "customer"}, whole)
    assert not stands_in({"do": [{"task": {"kind": "other"}}]}, whole)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    gone = [one for one in targets if "://" not in one and not (page.parent / one).exists()]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    verbs = {command.NAME for command in COMMANDS}
    typed = re.findall(r"(?:^|[`/])guiju ([a-z]+)", text, flags=re.M)
    assert set(typed) - verbs == set()
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, flags=re.M)) - set(targets) == set()


def test_pictures_are_shown_and_small() -> None:
    shown = {name for page in PAGES for name in re.findall(r"screenshots/([\w-]+\.png)", page.read_text("utf-8"))}
    kept = {path.name: path.stat().st_size for path in (ROOT / "docs/screenshots").glob("*.png")}
    assert shown <= set(kept)
    assert {name: size for name, size in kept.items() if size > LARGEST} == {}


def test_the_logins_of_the_guides_are_those_of_the_sample() -> None:
    people = read(ROOT / "examples/credit/sample/people.yaml").value["people"]
    for name in ("guide.zh.md", "guide.en.md"):
        table = re.findall(r"^\| `(\w+)` \| (\S+) \|", (ROOT / "docs" / name).read_text("utf-8"), flags=re.M)
        assert len(table) > 4
        assert {login: people[login]["name"] for login, _ in table} == dict(table)


def test_variables_of_the_environment_are_those_that_are_read() -> None:
    told = set(re.findall(r"GUIJU_[A-Z_]+", (ROOT / "docs/operate.md").read_text("utf-8")))
    folders = ("engine", "forms", "flows", "rules", "reports", "ui")
    code = "".join(path.read_text("utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert told == set(re.findall(r"GUIJU_[A-Z_]+", code))
