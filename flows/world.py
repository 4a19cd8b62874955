"""World: what the interpreter asks about the record, the people and the time, and what it writes into records."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from engine import jsontext, people
from engine.calendar import instant
from engine.errors import Conflict, EvaluationError
from engine.principal import Principal
from engine.who import Chosen, Who
from flows.admins import flow_admins
from forms import records

if TYPE_CHECKING:
    from engine.calendar import Duration
    from engine.expressions import Env, Expression
    from engine.people import Person
    from engine.work import Work
    from flows.flow import Flow
    from flows.state import Instance
    from flows.steps import Case
    from flows.steps.update import Update
    from forms.records import Record


class World:
    """One record and its surroundings, seen with the rights of the flow itself and under the name of who acts."""

    def __init__(self, work: Work, flow: Flow, instance: Instance) -> None:
        self.flow, self.instance = flow, instance
        self.hand = flow_hand(work, flow.id)
        self._record: Record | None = None

    @property
    def now(self) -> datetime:
        return self.hand.now

    @property
    def actor(self) -> int | None:
        return self.hand.principal.id

    @property
    def record(self) -> Record:
        """The record as it stands in this transaction."""
        if self._record is None:
            self._record = records.get(self.hand, self.flow.form.id, self.instance.record_id)
        return self._record

    @property
    def env(self) -> Env:
        return self.record.env(self.hand)

    def know(self, record: Record) -> None:
        """Take over a record that was just read or saved."""
        self._record = record

    def holds(self, condition: Expression) -> bool:
        return condition.holds(self.env)

    def case_holds(self, case: Case) -> bool:
        return case.when is None or case.when.holds(self.env)

    def first_true(self, cases: Sequence[Case]) -> Case:
        """The first case whose condition holds, else the one for all others."""
        return next(case for case in cases if case.otherwise or self.case_holds(case))

    def people(self, who: Who | None) -> list[Chosen]:
        """The active people of this app that a declaration names now."""
        if who is None:
            return []
        found = who.resolve(self.hand, self.env, self.instance.starter_id)
        return [one for one in found if one.person_id is not None]

    def pool(self, candidates: Iterable[tuple[str, str]]) -> list[int]:
        """The people behind the candidates of a task, each once."""
        found: dict[int, None] = {}
        for kind, ref in candidates:
            ids = [int(ref)] if kind == "person" else [one.id for one in people.with_role(self.hand, ref)]
            found.update(dict.fromkeys(ids))
        return list(found)

    def role_label(self, role: str) -> str:
        roles = self.hand.catalog.roles
        return roles[role].label if role in roles else role

    def superior_of(self, person: int) -> Person | None:
        return people.superior(self.hand, person)

    def head_of(self, person: int) -> Person | None:
        return people.department_head(self.hand, people.get(self.hand, person).department, not_for=person)

    def admins(self) -> list[Chosen]:
        """Who puts right what a flow cannot."""
        return flow_admins(self.hand)

    def name(self, person: int | None) -> str:
        return people.get(self.hand, person).name if person is not None else "系统"

    def due(self, start: datetime, within: Duration, calendar: str | None) -> datetime:
        return self.hand.catalog.calendar(calendar).due_at(start, within)

    def start_of(self, day: Expression | None) -> datetime | None:
        """The instant at which the day begins that an expression answers; None when it is empty."""
        found = day.evaluate(self.env) if day else None
        return instant(found, time(0, 0), self.hand.catalog.timezone) if found else None

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """The values of these fields as JSON keeps them, fit for a comparison later."""
        env, fields = self.env, self.flow.form.fields
        held = {
            name: env.value((name,)) for name in names if name in fields and fields[name].value_type.kind != "related"
        }
        return jsontext.load(jsontext.dump(held))  # type: ignore[no-any-return]

    def save(self, values: Mapping[str, Any]) -> None:
        """Give the record new values through the same checks and guards that people pass."""
        self._record = records.save(self.hand, self.flow.form.id, values, id=self.instance.record_id)

    def set(self, given: Mapping[str, Expression]) -> None:
        """Give the record what a start writes, where it does not hold it already."""
        values = {name: value.evaluate(self.env) for name, value in given.items()}
        values = {name: value for name, value in values.items() if self.record.stored.get(name) != value}
        if values:
            self.save(values)

    def follow_status(self) -> None:
        """Let the status field of the record say where the flow stands."""
        follows = self.flow.status
        option = follows.options.get(self.instance.status) if follows else None
        if follows is not None and option is not None and self.record.stored.get(follows.field) != option:
            self.save({follows.field: option})

    def expected(self, step: Update) -> dict[str, Any]:
        """What the fields that a step will write hold now, for the comparison when it writes them."""
        target = self._target(step)
        if target is None:
            return {}
        return jsontext.load(jsontext.dump({name: target.stored.get(name) for name in step.set}))  # type: ignore[no-any-return]

    def update(self, step: Update) -> dict[str, Any]:
        """Do what an update step says; all or nothing, also when a check or a guard refuses it."""
        target = self._target(step)
        if target is None:
            raise EvaluationError(f"「{step.label}」没有可更新的记录: {'.'.join(step.record)} 为空")
        seen = self.instance.seen.get(step.id)
        if step.asks and seen is not None and self.expected(step) != seen:
            fields = "、".join(step.target.fields[name].label for name in step.set)
            raise Conflict(f"「{step.label}」: {target.title} 的{fields}在审批期间被修改过, 请确认后重试")
        values = {name: expression.evaluate(self.env) for name, expression in step.set.items()}
        with self.hand.connection.begin_nested():
            saved = records.save(self.hand, step.target.id, values, id=target.id)
        self._record = saved if not step.record else None
        return {"form": step.target.id, "record": saved.id, "values": values}

    def _target(self, step: Update) -> Record | None:
        if not step.record:
            return self.record
        found = self.env.value(step.record)
        return None if found is None else records.get(self.hand, step.target.id, int(found))


def flow_hand(work: Work, flow: str) -> Work:
    """The same unit of work with the rights of the flow, under the name of who acts."""
    actor: Principal = dataclasses.replace(work.principal, system=True)
    cause = work.cause if work.cause.kind == "flow" and work.cause.id == flow else work.cause.then("flow", flow)
    return work.acting(actor, cause)
