"""Reference: what can be written for each type of the open sets, told from the tables that the checks use."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from engine.channels import channels
from engine.expressions.functions.base import FUNCTIONS
from engine.registry import Registry
from engine.settings.kinds import setting_kinds
from engine.who.kind import who_kinds
from flows.steps import step_types
from forms.fields import field_types
from forms.shape import COMMON as EVERY_FIELD
from reports import widgets
from rules import actions, triggers

REGISTRIES: Mapping[str, Registry[Any]] = {
    "field": field_types,
    "step": step_types,
    "trigger": triggers.trigger_types,
    "action": actions.action_types,
    "widget": widgets.widget_types,
    "who": who_kinds,
    "setting": setting_kinds,
    "channel": channels,
}
SHARED: Mapping[str, Mapping[str, Any]] = {"field": EVERY_FIELD, "widget": widgets.COMMON}


def sets() -> dict[str, list[str]]:
    """The open sets with the names of their types."""
    for built_in in (actions.built_in, triggers.built_in, widgets.built_in):
        list(built_in())
    for registry in REGISTRIES.values():
        registry.plug_in()
    return {**{name: sorted(types) for name, types in REGISTRIES.items()}, "function": sorted(FUNCTIONS)}


def page(set: str, name: str) -> str:
    """What one type is, an example, and its options, as text for a terminal."""
    return "\n".join(_function(name) if set == "function" else _type(set, REGISTRIES[set][name], name))


def _type(set: str, kind: type, name: str) -> Iterator[str]:
    told = (inspect.getdoc(kind) or "").replace("```yaml\n", "").replace("```", "").strip()
    about, _, example = told.partition("\n\n")
    yield f"{set} {name}: {' '.join(about.split())}"
    if example:
        yield ""
        yield from (f"    {line}" for line in example.splitlines())
    own: Mapping[str, Any] = getattr(kind, "options", {}) or {}
    shape = getattr(kind, "schema", None)
    if not own and isinstance(shape, Mapping):
        own = shape.get("properties") or {"": shape}
    needed = {*_names(kind, "required_options"), *_names(kind, "required"), *_names(kind, "requires")}
    yield from _table("options", own, needed)
    yield from _table(f"every {set}", _without_type(SHARED.get(set, {})), {"label"} if set == "field" else frozenset())


def _names(kind: type, attribute: str) -> tuple[str, ...]:
    found = getattr(kind, attribute, ())
    return found if isinstance(found, tuple) else ()


def _without_type(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: one for name, one in options.items() if name != "type"}


def _table(head: str, options: Mapping[str, Any], needed: set[str] | frozenset[str]) -> Iterator[str]:
    if not options:
        return
    rows = [(name + ("*" if name in needed else ""), takes(one), _about(one)) for name, one in options.items()]
    first, second = (max(len(row[at]) for row in rows) for at in (0, 1))
    yield ""
    yield f"{head}{' (* must be given)' if any(row[0].endswith('*') for row in rows) else ''}:"
    for name, what, about in rows:
        yield f"  {name:<{first}}  {what:<{second}}  {about}".rstrip()


def takes(schema: Mapping[str, Any]) -> str:
    """What an option takes, in a few words."""
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("format") == "expression":
        return "expression"
    if "anyOf" in schema or "oneOf" in schema:
        found = dict.fromkeys(takes(one) for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())))
        return " or ".join(found)
    kind = schema.get("type", "any")
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return f"list of {takes(schema['items'])}"
    if kind in ("integer", "number") and "minimum" in schema and "maximum" in schema:
        return f"{text} {schema['minimum']}..{schema['maximum']}"
    return {"object": "map", "string": "text", "boolean": "true | false"}.get(text, text)


def _about(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", ""))


def _function(name: str) -> Iterator[str]:
    found = FUNCTIONS[name]
    most = "or more" if found.most is None else f"to {found.most}" if found.most != found.least else ""
    yield f"function {name}: {' '.join(f'{found.least} {most}'.split())} arguments; 读作: {found.says}"
    yield ""
    yield from (f"    {text} = {value!r}" for text, value in found.examples)
