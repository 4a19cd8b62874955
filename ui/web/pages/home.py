"""Home: what waits for me, what I did, what I started, what I got a copy of."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InputError
from engine.work import Work
from flows import tasks
from flows.tasks import Answer, Item
from ui.web.access import access
from ui.web.deadlines import Deadline, deadline
from ui.web.render import page, toast
from ui.web.story import OUTCOMES
from ui.web.templating import label, t
from ui.web.times import greeting, said, today
from ui.web.unit import me, reading, writing
from ui.web.values import once, row_id

blueprint = Blueprint("home", __name__)

PAGE = 30
TABS = {"open": "待办", "done": "已办", "started": "我发起", "copied": "抄送"}
DECISIONS = {
    "approve": "已同意",
    "reject": "已驳回",
    "return": "已退回",
    "abstain": "已弃权",
    "resubmit": "已重新提交",
    "done": "已完成",
}
BATCHED = frozenset({"approve"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a tab."""

    item: Item
    href: str
    kind: str
    at: str
    due: Deadline | None
    state: str
    batched: bool


@blueprint.get("/")
@access("person")
def show() -> ResponseReturnValue:
    with reading() as work:
        return _page(work)


@blueprint.post("/tasks/batch")
@access("person")
def batch() -> ResponseReturnValue:
    """Agree to several at once, each for itself; what needs a closer look is named and left."""
    ids = list(dict.fromkeys(row_id(text) for text in request.form.getlist("task")))[:200]
    if not ids:
        raise InputError({"task": t("请先选择待办")})
    with writing() as work:
        answers = tasks.decide_many(work, ids, "approve", key=request.form.get("key") or None)
    left = [answer for answer in answers if answer.error]
    words = t("已同意 {count} 件", count=len(answers) - len(left))
    if not left:
        return toast(redirect(url_for("home.show"), 303), words)
    with reading() as work:
        return _page(work, left=left, words=words)


def _page(work: Work, left: list[Answer] | None = None, words: str = "") -> ResponseReturnValue:
    tab, flow = once("tab") or "open", once("kind")
    if tab not in TABS:
        raise InputError({"tab": t("没有这个页签")})
    found = tasks.inbox(work, tab, limit=PAGE + 1, after=once("after") or None)
    counts = tasks.counts(work)
    kinds = {item.flow or item.kind: _kind(work, item) for item in found}
    rows = [_row(work, item) for item in found[:PAGE] if not flow or (item.flow or item.kind) == flow]
    titles = {row.item.task_id: row.item.title for row in rows}
    return page(
        work,
        "home.html",
        tab=tab,
        tabs=TABS,
        counts=counts,
        kinds=kinds if len(kinds) > 1 else {},
        kind=flow,
        rows=rows,
        next=found[PAGE - 1].cursor if len(found) > PAGE else "",
        greeting=greeting(work),
        name=me().name,
        today=today(work),
        left=[(titles.get(answer.task_id, ""), answer.error, answer.task_id) for answer in left or ()],
        words=words,
    )


def _row(work: Work, item: Item) -> Row:
    if item.task_id is not None:
        href = url_for("tasks.show", id=item.task_id)
    else:
        href = url_for("flows.show", id=item.instance_id)
    state = (
        t(DECISIONS[item.decision])
        if item.decision in DECISIONS
        else t(OUTCOMES.get(item.status, ""))
        if item.status in OUTCOMES
        else ""
    )
    batched = item.task_id is not None and item.kind in BATCHED and item.instance_id is not None
    return Row(item, href, _kind(work, item), said(work, item.at), deadline(work, item.due_at), state, batched)


def _kind(work: Work, item: Item) -> str:
    flows = work.catalog["flow"]
    return label(flows[item.flow].label) if item.flow and item.flow in flows else label(item.label)
