"""Story: what happened to a record, from every book that tells of it, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from engine import history
from engine.work import Work
from flows import instances
from forms import access
from forms.records import Record
from rules import journal
from ui.web.cells import say_kept
from ui.web.templating import label, t

KINDS = {"created": "新建", "updated": "修改", "deleted": "删除", "restored": "恢复"}
OUTCOMES = {
    "running": "审批中",
    "returned": "已退回",
    "approved": "已通过",
    "rejected": "已拒绝",
    "withdrawn": "已撤回",
    "terminated": "已终止",
}
MOST = 30


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: who did what, why, and the values that changed."""

    at: datetime
    who: str
    what: str
    why: str = ""
    tone: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    quote: str = ""
    href: str = ""


def story(work: Work, record: Record) -> list[Moment]:
    """The latest moments of a record, only what this reader may see of each."""
    found = [*_changes(work, record), *_flows(work, record), *_firings(work, record)]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:MOST]


def _changes(work: Work, record: Record) -> Iterator[Moment]:
    """What was written, field by field; a first version with nothing to compare tells only that it was made."""
    for entry in history.of(work, record.form.id, record.id, limit=MOST):
        changes = () if entry.kind == "created" else tuple(_told(work, record, entry.changes))
        if entry.kind == "updated" and not changes:
            continue
        by_rule = entry.cause_kind in ("rule", "flow")
        yield Moment(
            entry.at,
            entry.actor,
            t(KINDS[entry.kind]),
            _why(work, entry.cause_kind, entry.cause_id),
            "done" if entry.kind == "created" else "rule" if by_rule else "",
            changes,
        )


def _told(work: Work, record: Record, changes: Mapping[str, tuple[object, object]]) -> Iterator[tuple[str, str, str]]:
    for name, (before, after) in changes.items():
        field = record.form.fields.get(name)
        if field is not None and access.readable(work.principal, field):
            yield label(field.label), say_kept(work, field, before), say_kept(work, field, after)


def _why(work: Work, kind: str, id: str) -> str:
    """The rule or flow that caused it, by its label; a person needs no reason."""
    if kind in ("rule", "flow"):
        found = work.catalog.get(kind, {}).get(id.partition(":")[0])
        name = label(found.label) if found is not None else id
        return t("规则 {name}", name=name) if kind == "rule" else t("流程 {name}", name=name)
    return t("导入") if kind == "import" else ""


def _flows(work: Work, record: Record) -> Iterator[Moment]:
    for instance in instances.of(work, record.form.id, record.id):
        href = url_for("flows.show", id=instance.id)
        name = (
            label(work.catalog["flow"][instance.flow].label) if instance.flow in work.catalog["flow"] else instance.flow
        )
        yield Moment(instance.started_at, "", t("发起 {name}", name=name), href=href)
        if instance.ended_at:
            tone = "done" if instance.status == "approved" else "alert"
            yield Moment(instance.ended_at, "", f"{name} {t(OUTCOMES[instance.status])}", tone=tone, href=href)


def _firings(work: Work, record: Record) -> Iterator[Moment]:
    """What rules did because of this record; what they wrote into it stands among its changes already."""
    for firing in journal.of_record(work, record.form.id, record.id, limit=MOST):
        did = [str(one["did"]) for one in firing.outcome if isinstance(one, dict) and one.get("did")]
        if not did and not firing.error:
            continue
        rule = work.catalog["rule"].get(firing.rule)
        name = label(rule.label) if rule is not None else firing.rule
        why = t("规则 {name}", name=name)
        yield Moment(
            firing.fired_at, "", "；".join(did) or t("规则没有执行成功"), why, "alert" if firing.error else "rule"
        )
