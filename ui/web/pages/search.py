"""Search: records by name, number or pinyin initials, and the pages of the app itself."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from engine.errors import AccessDenied
from engine.work import Work
from forms import access as rights
from forms import records
from forms.form import Form
from ui.web.access import access
from ui.web.render import page
from ui.web.shell import menu
from ui.web.templating import label, t
from ui.web.unit import reading
from ui.web.values import once

blueprint = Blueprint("search", __name__)

EACH = 5  # records of one form
MOST = 30


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind: words and address of each."""

    label: str
    icon: str
    hits: list[tuple[str, str]]


@blueprint.get("/search")
@access("person")
def found() -> ResponseReturnValue:
    words = once("q").strip()[:100]
    with reading() as work:
        return page(work, "search.html", block="found", words=words, groups=_groups(work, words) if words else [])


def _groups(work: Work, words: str) -> list[Group]:
    low = words.lower()
    pages = [(item.label, item.href) for group in menu(work) for item in group.entries if low in item.label.lower()]
    groups = [Group(t("页面"), "layout-grid", pages[:EACH])] if pages else []
    left = MOST
    for form in work.catalog["form"].values():
        hits = _hits(work, form, words) if left > 0 else []
        if hits:
            groups.append(Group(label(form.label), "file-text", hits))
            left -= len(hits)
    return groups


def _hits(work: Work, form: Form, words: str) -> list[tuple[str, str]]:
    """The first records of a form in whose search fields the words stand; none where the reader may not look."""
    if not rights.may(work.principal, form, "read") or not any(field.search for field in form.fields.values()):
        return []
    try:
        page = records.find(work, form.id, sort=(), fields=(), limit=EACH, count="none", search=words)
    except AccessDenied:
        return []
    return [(one.title, url_for("records.show", form=form.id, id=one.id)) for one in page.rows]
