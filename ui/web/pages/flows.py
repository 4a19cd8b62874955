"""Flows: the way of one application, and what its starter may do with it."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InputError, NotFound
from engine.work import Work
from flows import instances
from forms import records
from ui.web import recordpage
from ui.web.access import access
from ui.web.render import page, toast
from ui.web.story import OUTCOMES
from ui.web.templating import t
from ui.web.times import said
from ui.web.tree import tree
from ui.web.unit import reading, writing
from ui.web.values import field, row_id

blueprint = Blueprint("flows", __name__)


@blueprint.get("/instances/<id>")
@access("person")
def show(id: str) -> ResponseReturnValue:
    with reading() as work:
        instance = instances.get(work, row_id(id))
        view = instances.view(work, instance.id)
        record = _record(work, instance)
        return page(
            work,
            "instance.html",
            instance=instance,
            outcome=OUTCOMES[instance.status],
            steps=tree(work, view),
            view=view,
            started=said(work, view.started_at),
            record=record,
            sections=recordpage.sections(work, record) if record else [],
            mine=instance.starter_id == work.principal.id and instance.status in ("running", "returned"),
        )


@blueprint.post("/instances/<id>")
@access("person")
def act(id: str) -> ResponseReturnValue:
    wanted, do = row_id(id), field("do")
    with writing() as work:
        if do == "withdraw":
            instances.withdraw(work, wanted, reason=field("reason").strip()[:1000])
            words = t("已撤回")
        elif do == "urge":
            instances.urge(work, wanted)
            words = t("已催办")
        else:
            raise InputError({"": t("请选择要做什么")})
    return toast(redirect(url_for("flows.show", id=wanted), 303), words)


def _record(work: Work, instance: instances.Instance) -> records.Record | None:
    """The record that it is about, where the reader may see it."""
    try:
        return records.get(work, instance.form, instance.record_id)
    except NotFound:
        return None
