"""Coverage: which rules, branches, guards and roles of an app its scenarios have tried, and which never."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.principal import SYSTEM
from flows.tables import flow_event, instance
from rules.rule import Ladder
from rules.tables import firing

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work
    from ui.scenarios.stage import Stage

FIRED = ("done", "held", "error", "parked", "dropped")


@dataclass
class Coverage:
    """What has been tried so far, as names that `Coverage.lines` lists in full."""

    rules: set[str] = field(default_factory=set)  # rule, or ladder.step
    branches: set[str] = field(default_factory=set)  # flow.step.case
    decisions: set[str] = field(default_factory=set)  # flow.step: people have decided there
    guards: set[str] = field(default_factory=set)  # by their own id, as a refusal names it
    roles: set[str] = field(default_factory=set)

    def add(self, stage: Stage) -> None:
        """Take in what happened on a stage."""
        with stage.app.work(SYSTEM, read=True) as work:
            self.rules |= set(_fired(work))
            self._flows(work)
        self.guards |= stage.refused
        acted = {step.who for step in stage.scenario.steps if step.who and step.act}
        self.roles |= {role for login in acted for role in stage.roles(login)}

    def _flows(self, work: Work) -> None:
        events = select(instance.c.flow, flow_event.c.step, flow_event.c.type, flow_event.c.payload).join(instance)
        for row in work.execute(events):
            flow, step, type, payload = row.flow, row.step, row.type, row.payload
            if type == "chosen":
                self.branches.add(f"{flow}.{step}.{payload['case']}")
            elif type == "forked":
                self.branches |= {f"{flow}.{step}.{case}" for case in payload["cases"]}
            elif type == "decided":
                self.decisions.add(f"{flow}.{step}")

    def lines(self, catalog: Catalog) -> Iterator[str]:
        """The report: a line each for rules, branches, steps, guards and roles, as far as the app has them."""
        return (line for line in self._lines(catalog) if line)

    def _lines(self, catalog: Catalog) -> Iterator[str]:
        rules = [name for rule in catalog["rule"].values() for name in _names(rule)]
        yield _line("rules", "fired", rules, self.rules)
        branches = {
            f"{flow.id}.{step.id}.{case.index}": f"{flow.id}.{step.id} ({case.label})"
            for flow in catalog["flow"].values()
            for step in flow.steps.values()
            for case in step.cases
        }
        yield _line("branches", "taken", branches.values(), {branches[one] for one in self.branches & branches.keys()})
        steps = [
            f"{flow.id}.{step.id}" for flow in catalog["flow"].values() for step in flow.steps.values() if step.human
        ]
        yield _line("steps", "decided", steps, self.decisions)
        guards = {f"{form.id}.{guard}": guard for form in catalog["form"].values() for guard in form.guards}
        yield _line("guards", "refused", guards, {name for name, id in guards.items() if id in self.guards})
        yield _line("roles", "acted", catalog.roles, self.roles)


def _fired(work: Work) -> Iterator[str]:
    rows = work.execute(select(firing.c.rule, firing.c.step).where(firing.c.state.in_(FIRED)).distinct())
    for row in rows:
        yield f"{row.rule}.{row.step}" if row.step else row.rule


def _names(rule: object) -> Iterator[str]:
    """A rule's own name, or one for each step of a ladder."""
    if isinstance(rule, Ladder):
        yield from (f"{rule.id}.{step.id}" for step in rule.steps)
    else:
        yield rule.id  # type: ignore[attr-defined]


def _line(noun: str, verb: str, known: Iterable[str], tried: set[str]) -> str:
    """One kind of thing: how many were tried, and the names of the others."""
    names = list(known)
    if not names:
        return ""
    never = [name for name in names if name not in tried]
    count = f"{noun:<9} {len(names) - len(never)} of {len(names)} {verb}"
    return count + (f"; never: {', '.join(never)}" if never else "")
