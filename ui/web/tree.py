"""Tree: the way of an application as the page draws it, one list with the branches inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.work import Work
from flows.flow import Flow
from flows.view import Branch, Node, Signature, View
from ui.web.deadlines import deadline
from ui.web.sentences import words_of
from ui.web.templating import label, t
from ui.web.times import length, said

TONES = {
    "done": "done",
    "rejected": "alert",
    "returned": "alert",
    "current": "now",
    "stuck": "alert",
    "skipped": "skip",
}
SAYS = {
    "approve": ("同意", "ok"),
    "reject": ("驳回", "bad"),
    "return": ("退回", "bad"),
    "abstain": ("弃权", ""),
    "resubmit": ("重新提交", ""),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One signature: who, what they said, when, how long it took, what they wrote."""

    names: str
    says: str
    tone: str
    when: str
    opinion: str
    due: str
    due_tone: str


@dataclass(frozen=True, slots=True)
class Case:
    label: str
    taken: bool | None
    leads: str


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the list; `depth` counts the branches around it."""

    label: str
    tone: str
    mode: str
    note: str
    brief: str
    people: Sequence[Person]
    cases: Sequence[Case]


def tree(work: Work, view: View) -> list[Step]:
    """The points of the way, from the start to the last copy."""
    return list(_steps(work, view.nodes, work.catalog["flow"].get(view.flow)))


def _steps(work: Work, nodes: Sequence[Node], flow: Flow | None) -> Iterator[Step]:
    for node in nodes:
        people = [_person(work, one) for one in node.signatures]
        cases = [
            Case(_says(work, flow, node.id, case), case.taken, "、".join(label(one.label) for one in case.nodes))
            for case in node.branches
        ]
        when = said(work, node.left_at or node.entered_at) if node.kind == "start" and node.entered_at else ""
        note = node.note or (f"{node.brief} · {when}" if when else "")
        yield Step(
            label(node.label),
            TONES.get(node.state, ""),
            node.mode if len(people) > 1 else "",
            note,
            "" if when else node.brief,
            people,
            cases,
        )
        for case in node.branches:
            if case.taken is not False:
                yield from _steps(work, case.nodes, flow)


def _says(work: Work, flow: Flow | None, step: str, branch: Branch) -> str:
    """The condition of a branch as a sentence; its own label where it has one, or where the flow has changed since."""
    if flow is None:
        return label(branch.label)
    for case in getattr(flow.steps.get(step), "cases", ()):
        if case.when is not None and case.when.text == branch.label:
            return str(case.when.describe(words_of(work, flow.form)))
    return label(branch.label)


def _person(work: Work, one: Signature) -> Person:
    says, tone = SAYS.get(one.decision or "", ("", ""))
    when = said(work, one.at) if one.at else ""
    if one.took and when:
        when = f"{when} · {t('用时 {span}', span=length(one.took))}"
    due = deadline(work, one.due_at) if one.status == "open" else None
    return Person(
        "、".join(one.names),
        t(says) if says else "",
        tone,
        when,
        one.opinion or "",
        due.words if due else "",
        due.tone if due else "",
    )
