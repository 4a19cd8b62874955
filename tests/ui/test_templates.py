"""What no template may contain, read from the files themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "ui"
TEMPLATES = sorted((UI / "templates").rglob("*.html"))
NAMES = [path.relative_to(UI / "templates").as_posix() for path in TEMPLATES]


@pytest.fixture(params=TEMPLATES, ids=NAMES)
def template(request: pytest.FixtureRequest) -> str:
    return request.param.read_text(encoding="utf-8")


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize(
    "forbidden",
    [
        r"https?://",
        r"""["'(]//\w""",
        r"""\son[a-z]+\s*=\s*["']""",
        r"hx-on",
        r"\sstyle\s*=",
        r"<style",
        r"\|\s*safe",
        r"Markup",
        r"javascript:",
        r"\bjs:",
        r"hx-vals",
        r"{%\s*autoescape",
        r"<script(?![^>]*\ssrc=)",
    ],
)
def test_no_template_contains(template: str, forbidden: str) -> None:
    found = re.search(forbidden, template)
    assert found is None, f"{found.group() if found else ''} stands in a template"


def test_htmx_attributes_stand_in_one_file() -> None:
    apart = [name for name, path in zip(NAMES, TEMPLATES, strict=True) if re.search(r"\bhx-[a-z]+=", path.read_text())]
    assert apart == ["macros/live.html"]


def test_no_trigger_has_a_filter() -> None:
    """With evaluation off a filter would be ignored and the request sent all the same."""
    live = (UI / "templates/macros/live.html").read_text()
    assert not re.search(r'hx-trigger="[^"]*\[', live)


def test_every_post_form_carries_the_token() -> None:
    for name, path in zip(NAMES, TEMPLATES, strict=True):
        text = path.read_text()
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, flags=re.S)
        bare = [form[:80] for form in forms if "ui.token()" not in form]
        assert not bare, f"{name}: {bare}"


def used_icons() -> set[str]:
    names: set[str] = set()
    listed = json.loads((UI / "frontend/src/icons.json").read_text())
    for path in (*TEMPLATES, *(UI / "web").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        names |= {name for name in listed if re.search(rf"""["']{re.escape(name)}["']""", text)}
        names |= set(re.findall(r"""icon\(["']([\w-]+)["']\)""", text))
    return names


def test_icons_are_those_that_are_used() -> None:
    listed = json.loads((UI / "frontend/src/icons.json").read_text())
    assert listed == sorted(listed)
    assert used_icons() == set(listed)


def spoken() -> set[str]:
    """Every text that templates and pages hand to t(...)."""
    found: set[str] = set()
    for path in (*TEMPLATES, *(UI / "web").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for _, words in re.findall(r"""\bt\(\s*(["'])((?:(?!\1).)+)\1""", text):
            found.add(words)
    return {words for words in found if re.search(r"[\u4e00-\u9fff]", words)}


def test_every_text_has_its_english() -> None:
    english = json.loads((UI / "locale/en.json").read_text(encoding="utf-8"))
    assert sorted(spoken() - set(english)) == []


def test_holes_of_translations_agree() -> None:
    english = json.loads((UI / "locale/en.json").read_text(encoding="utf-8"))
    holes = {words: (re.findall(r"{(\w+)}", words), re.findall(r"{(\w+)}", said)) for words, said in english.items()}
    assert {words: both for words, both in holes.items() if sorted(both[0]) != sorted(both[1])} == {}
