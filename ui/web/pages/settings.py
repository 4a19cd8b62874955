"""Settings: the knobs an admin turns without publishing."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import audit, settings
from engine.errors import Conflict, InputError
from engine.settings import Setting
from engine.work import Work
from ui.web.access import access
from ui.web.knobs import Knob, knob, read, spoken
from ui.web.render import page, toast
from ui.web.templating import label, t
from ui.web.times import said
from ui.web.unit import reading, writing
from ui.web.values import once

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
@access("person", can="settings")
def show() -> ResponseReturnValue:
    with reading() as work:
        return _page(work)


@blueprint.post("/settings")
@access("person", can="settings")
def save() -> ResponseReturnValue:
    """Save all that was changed, or nothing."""
    form = {name: values[0] for name, values in request.form.lists()}
    errors: dict[str, str] = {}
    try:
        with writing() as work:
            changed = _change(work, form, errors)
            if errors:
                raise InputError(errors)
    except InputError:
        with reading() as work:
            return _page(work, 422, form, errors)
    except Conflict as conflict:
        with reading() as work:
            return _page(work, 409, said=str(conflict))
    return toast(
        redirect(url_for("settings.show", group=once("group") or None), 303),
        t("已保存 {count} 项", count=changed) if changed else t("没有改动"),
    )


def _change(work: Work, form: Mapping[str, str], errors: dict[str, str]) -> int:
    changed = 0
    for id, setting in work.catalog.settings.items():
        shown = knob(setting, work.settings[id], 0, {}, "")
        sent = {name: form[name] for name in (id, *(f"{id}.{part}" for part, _, _ in shown.parts)) if name in form}
        stands = {f"{id}.{part}": text for part, _, text in shown.parts} or {id: shown.text}
        if not sent or sent == stands:
            continue
        version = form.get(f"version.{id}", "")
        try:
            value = read(setting, form)
            settings.change(work, id, value, version=int(version) if version.isascii() and version.isdigit() else None)
            changed += 1
        except InputError as refused:
            errors[id] = "；".join(
                word.removeprefix(f"{setting.label}:") for words in refused.fields.values() for word in words
            )
    return changed


def _page(
    work: Work,
    status: int = 200,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    said: str = "",
) -> ResponseReturnValue:
    groups: dict[str, list[Knob]] = {}
    names = list(dict.fromkeys(_group(one) for one in work.catalog.settings.values()))
    chosen = once("group") if once("group") in names else next(iter(names), "")
    for id, setting in work.catalog.settings.items():
        row = knob(
            setting, work.settings[id], work.settings.versions.get(id, 0), form or {}, (errors or {}).get(id, "")
        )
        groups.setdefault(_group(setting), []).append(row)
    return page(
        work,
        "settings.html",
        status,
        heading=chosen,
        headings=names,
        rows=groups.get(chosen, []),
        total=len(work.catalog.settings),
        changed=sum(row.changed for rows in groups.values() for row in rows),
        errors=errors or {},
        said=said,
        recent=_recent(work),
    )


def _group(setting: Setting) -> str:
    """The heading under which a setting stands."""
    return label(setting.group) if setting.group else t("阈值")


def _recent(work: Work) -> list[dict[str, str]]:
    """The latest changes of settings that the app still declares."""
    rows = []
    for entry in audit.rows(work, action="setting.change", limit=8):
        setting = work.catalog.settings.get(entry.subject)
        if setting is None:
            continue
        before, after = (spoken(setting, entry.detail.get(key)) for key in ("before", "after"))
        rows.append(
            {
                "label": label(setting.label),
                "before": before,
                "after": after,
                "who": entry.actor,
                "at": said(work, entry.at),
            }
        )
    return rows
