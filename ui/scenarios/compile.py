"""Compile: the shape of a scenario's file, and from its document to the story."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError, Problems
from engine.names import listed
from engine.source import Document
from ui.scenarios.acts import act_types
from ui.scenarios.acts.base import RECORDS
from ui.scenarios.checks import check_types
from ui.scenarios.checks.base import FIELD
from ui.scenarios.clock import PATTERN, at
from ui.scenarios.names import Names
from ui.scenarios.scenario import Scenario, Step

if TYPE_CHECKING:
    from engine.catalog import Catalog

WORDS = {"type": "string", "minLength": 1}
PEOPLE = {
    "anyOf": [
        {"type": "string", "description": "文件 / file of the app folder with people"},
        {
            "type": "object",
            "additionalProperties": {"type": "object"},
            "description": "账号 → 人员 / login, then person",
        },
    ]
}
BESIDE = ("as", "label", "expect", "refused", "warned")  # what may stand beside an act


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of `tests/*.yaml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tests/*.yaml",
        "description": "场景测试 / a scenario: who there is, what is given, and what happens then",
        "type": "object",
        "properties": {
            "label": {**WORDS, "description": "名称 / what the scenario shows"},
            "clock": {"type": "string", "pattern": PATTERN, "description": "开始时间 / when it begins"},
            "departments": {"type": "object", "description": "部门 / departments, as in people files"},
            "people": PEOPLE,
            "settings": {"type": "object", "description": "设置 / settings that differ from their defaults"},
            "given": {**RECORDS, "description": "已有记录 / records that are there when it begins"},
            "then": {"type": "array", "minItems": 1, "items": _step(), "description": "步骤 / steps, in order"},
        },
        "required": ["label", "clock", "people", "then"],
        "additionalProperties": False,
    }


def _step() -> Mapping[str, Any]:
    properties: dict[str, Any] = {
        "label": {**WORDS, "description": "说明 / the step in words"},
        "as": {**WORDS, "description": "谁 / who does it, by login"},
    }
    properties |= {name: act.schema for name, act in act_types.items()}
    for act in act_types.values():
        properties |= {name: told for name, told in act.options.items() if name not in properties}
    properties["refused"] = {**WORDS, "description": "被拒绝, 提示含这些字 / it is refused, with these words"}
    properties["warned"] = {**WORDS, "description": "有提醒, 提示含这些字 / it goes through with this warning"}
    properties["expect"] = {
        "type": "object",
        "properties": {name: check.schema for name, check in check_types.items()},
        "patternProperties": {FIELD: {"description": "表单.记录名.字段 / the value of a field"}},
        "additionalProperties": False,
        "minProperties": 1,
        "description": "之后看到的 / what is to be seen then",
    }
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


def compile_scenarios(
    catalog: Catalog, documents: Mapping[str, Document], problems: Problems
) -> Mapping[str, Scenario]:
    """The scenarios of an app by id."""
    found = {id: _scenario(catalog, id, document, problems) for id, document in documents.items()}
    return {id: scenario for id, scenario in found.items() if scenario}


def _scenario(catalog: Catalog, id: str, document: Document, problems: Problems) -> Scenario | None:
    value = document.value
    begin = _instant(catalog, document, ("clock",), problems)
    steps = [_read(document, number, problems) for number in range(len(value["then"]))]
    for number, step in enumerate(value["then"]):
        if isinstance(step.get("advance"), dict) and "to" in step["advance"]:
            _instant(catalog, document, ("then", number, "advance", "to"), problems)
    if begin is None:
        return None
    more = {name: value[name] for name in ("departments", "settings", "given") if name in value}
    return Scenario(id, value["label"], begin, document, value["people"], steps=tuple(steps), **more)


def _instant(catalog: Catalog, document: Document, path: tuple[str | int, ...], problems: Problems) -> datetime | None:
    text = document.get(*path)
    try:
        return at(text, catalog.timezone)
    except ValueError:
        problems.add(ConfigError(f"there is no time '{text}'", document.mark(*path), "write it as 2026-03-16 09:00"))
        return None


def _read(document: Document, number: int, problems: Problems) -> Step:
    """One step; tells more than one act, keys that belong to another act, and acts without a person."""
    value = document.get("then", number)
    acts = [name for name in value if name in act_types]
    act = act_types[acts[0]]() if acts else None

    def wrong(key: str, message: str, hint: str) -> None:
        mark = document.key_mark("then", number, key) if key else document.mark("then", number)
        problems.add(ConfigError(message, mark, hint))

    for second in acts[1:]:
        wrong(second, f"'{acts[0]}' and '{second}' in one step", "one act a step; begin another with '- '")
    if act and act.person and "as" not in value:
        wrong(acts[0], f"nobody does '{acts[0]}'", "say who: add 'as: login'")
    if act is None and "expect" not in value:
        wrong("", "nothing happens in this step", f"name an act ({listed(act_types)}) or 'expect'")
    options = {name: given for name, given in value.items() if name not in (*BESIDE, *acts)}
    allowed = act.options if act else {}
    for name in options:
        if name not in allowed:
            wrong(name, f"'{name}' means nothing beside {acts[0] if acts else 'expect'}", "remove it")
    for name in ("refused", "warned"):
        if name in value and act is None:
            wrong(name, f"nothing happens here that could be {name}", "name an act")
    return Step(
        number + 1, document, act, value[acts[0]] if acts else None, value.get("as"), options,
        value.get("expect", {}), value.get("refused"), value.get("warned"), value.get("label", ""),
    )  # fmt: skip


def link_scenarios(catalog: Catalog, problems: Problems) -> None:
    """Check every name in the scenarios, step by step as the story makes records."""
    if not {"flow", "rule", "report"} <= catalog.declared.keys():
        return
    for scenario in catalog["scenario"].values():
        people = None if isinstance(scenario.people, str) else scenario.people
        names = Names(catalog, scenario.document, problems, people)
        for login, person in (people or {}).items():
            for number, role in enumerate(person.get("roles", ())):
                names.role(role, ("people", login, "roles", number))
        for name in scenario.settings:
            names.setting(name, ("settings", name))
        for form, named in scenario.given.items():  # what is given may refer to what is given further down
            if form in catalog["form"]:
                for key in named:
                    names.made(form, key)
        names.records(scenario.given, ("given",), new=False)
        for step in scenario.steps:
            if step.who is not None:
                names.person(step.who, step.path("as"))
            if step.act:
                step.act.link(names, step)
            for name, expected in step.expect.items():
                if name in check_types:
                    check_types[name]().link(names, expected, step.path("expect", name))
                else:
                    names.field(name, step.path("expect", name))
