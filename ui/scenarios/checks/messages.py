"""What people have or got: open tasks, and the notices, mails and copies of the last act. All of them, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.principal import SYSTEM
from ui.scenarios import seen, why
from ui.scenarios.acts.base import ID, RECORD
from ui.scenarios.checks.base import Check, Difference, check_types

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Path, Step
    from ui.scenarios.stage import Stage

WORDS = {"type": "string"}
ROLE = {"type": "object", "properties": {"role": ID}, "required": ["role"], "additionalProperties": False}
LOGIN = {"type": "string", "description": "账号 / login"}


def _list(properties: Mapping[str, Any], description: str) -> Mapping[str, Any]:
    item = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
    return {"type": "array", "items": item, "description": description}


class Things(Check):
    """Base: the list says all there are; each item says as much as matters."""

    def link(self, names: Names, expected: Any, path: Path) -> None:
        for number, item in enumerate(expected):
            to, here = item.get("to"), (*path, number, "to")
            if isinstance(to, Mapping):
                names.role(to["role"], (*here, "role"))
            elif isinstance(to, str) and "@" not in to:
                names.person(to, here)
            if "of" in item:
                names.record(item["of"], (*path, number, "of"))
            if "kind" in item:
                names.task_kind(item["kind"], (*path, number, "kind"))
            if "step" in item and item["step"] != "start":
                names.flow_step(item["step"], (*path, number, "step"))

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        work = work.acting(SYSTEM, work.cause)
        there = self.there(stage, work)
        missing, left = seen.meet(expected, there, seen.same_in(stage, work))
        found = []
        for wanted in missing:
            path = step.path("expect", self.name, expected.index(wanted))
            reasons = why.of_item(stage, work, wanted)
            found.append(Difference(path, f"{self.name}: nothing like {seen.told(wanted)}", reasons))
        if missing or left:
            rest = [f"found: {seen.told(one)}" for one in left] or [f"found no {'other ' if there else ''}{self.name}"]
            if not found:
                said = f"{self.name}: {len(left)} more than expected"
                return [Difference(step.path("expect", self.name), said, rest)]
            found[-1] = Difference(found[-1].path, found[-1].message, [*found[-1].why, *rest])
        return found

    def there(self, stage: Stage, work: Work) -> list[seen.Thing]:
        raise NotImplementedError


@check_types.register("tasks")
class Tasks(Things):
    """All open tasks.

    expect: {tasks: [{kind: due_soon, to: wang}, {step: cfo, to: {role: cfo}}]}
    """

    schema = _list(
        {
            "kind": {**ID, "description": "规则任务的类型 / kind of a rule's task"},
            "step": {**ID, "description": "流程步骤 / step of a flow"},
            "to": {
                "anyOf": [LOGIN, ROLE, {"type": "array", "items": LOGIN}],
                "description": "谁 / login, role or logins",
            },
            "of": {**RECORD, "description": "关于 / record, as form.name"},
            "title": {**WORDS, "description": "标题含 / part of the title"},
            "due": {**WORDS, "description": "期限, 如 2026-03-16 / deadline, or its beginning"},
        },
        "全部未办待办 / all open tasks",
    )

    def there(self, stage: Stage, work: Work) -> list[seen.Thing]:
        return seen.tasks(stage, work)


@check_types.register("notices")
class Notices(Things):
    """All notices of the last act, but not those that only announce a task.

    expect: {notices: [{to: wang, text: 已逾期}]}
    """

    schema = _list(
        {
            "to": LOGIN,
            "title": {**WORDS, "description": "标题含 / part of the title"},
            "text": {**WORDS, "description": "标题或正文含 / part of title or text"},
        },
        "上一动作带来的全部通知 / all notices of the last act",
    )

    def there(self, stage: Stage, work: Work) -> list[seen.Thing]:
        return seen.notices(stage, work)


@check_types.register("mails")
class Mails(Things):
    """All mails of the last act.

    expect: {mails: [{to: caiwu@huadong.example, subject: 逾期 4 天}]}
    """

    schema = _list(
        {
            "to": {"type": "string", "description": "收件人 / address"},
            "subject": {**WORDS, "description": "主题含 / part of the subject"},
            "text": {**WORDS, "description": "正文含 / part of the text"},
        },
        "上一动作带来的全部邮件 / all mails of the last act",
    )

    def there(self, stage: Stage, work: Work) -> list[seen.Thing]:
        return seen.mails(stage, work)


@check_types.register("copies")
class Copies(Check):
    """Everybody who got a copy by the last act.

    expect: {copies: [wang, li]}
    """

    schema = {"type": "array", "items": LOGIN, "description": "上一动作抄送给 / who got a copy by the last act"}

    def link(self, names: Names, expected: Any, path: Path) -> None:
        for number, login in enumerate(expected):
            names.person(login, (*path, number))

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        there = sorted(str(one["to"]) for one in seen.copied(stage, work))
        if there == sorted(expected):
            return []
        return [
            Difference(
                step.path("expect", self.name), f"copies: expected {seen.told(expected)}, found {seen.told(there)}"
            )
        ]
