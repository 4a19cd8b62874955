"""Reference: every act and every check in words, with the example that its class carries; part of docs/scenarios.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any

from ui.scenarios.acts import act_types
from ui.scenarios.checks import check_types


def reference() -> str:
    """The reference as Markdown."""
    acts = "\n".join(_section(act, act.schema, act.options) for act in act_types.values())
    checks = "\n".join(_section(check, check.schema, {}) for check in check_types.values())
    return f"## 动作 Acts\n\n{acts}\n## 检查 Checks, under `expect`\n\n{checks}"


def _section(kind: Any, schema: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    words, _, example = (getdoc(kind) or "").partition("\n\n")
    lines = [f"### `{kind.name}`", "", f"{' '.join(words.split())} {schema.get('description', '')}".strip(), ""]
    lines += ["```yaml", example.strip(), "```", ""]
    lines += [f"- `{name}`: {told.get('description', '')}" for name, told in _keys(schema, options)]
    return "\n".join([*lines, ""] if lines[-1] else lines)


def _keys(schema: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What may stand inside an act or a check, and beside it."""
    inner = schema.get("items", schema)
    yield from inner.get("properties", {}).items()
    yield from options.items()
