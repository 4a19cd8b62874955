"""Names and dotted paths: what they lead to in a scope, and what to say when they lead nowhere."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from engine.expressions.parse import Source
from engine.expressions.scope import RESERVED, Scope
from engine.expressions.tree import Computed, Field, Node, Setting, User, rebase
from engine.expressions.types import Type
from engine.names import hint

MAX_STEPS = 3


class Names:
    """Finds names in a scope; `outer` are the scopes around an aggregate, nearest last."""

    def __init__(self, source: Source, scope: Scope, outer: tuple[Scope, ...]) -> None:
        self.source, self.scope, self.outer = source, scope, outer

    def resolve(self, node: ast.expr) -> Node:
        """The node that a name or dotted path stands for."""
        steps, text = self._steps(node), self.source.piece(node)
        root = steps[0][0]
        if root in ("settings", "user"):
            return self._shared(root, steps, text)
        steps, scope, up = self._start(steps)
        type, last = self._follow(steps, scope)
        path = tuple(name for name, _ in steps)
        expanded = last.expand(path[-1])
        if expanded is None:
            return Field(type, text, path, up)
        tree = rebase(expanded.tree, path[:-1], up)
        return Computed(replace(tree.type, nullable=type.nullable or tree.type.nullable), text, path, tree, up)

    def scope_at(self, node: ast.expr) -> Scope:
        """The scope of the records that a relation's path leads to."""
        steps, scope, _up = self._start(self._steps(node))
        _type, last = self._follow(steps, scope)
        found = last.into(steps[-1][0])
        if found is None:
            raise self.source.error(self.source.offset(node), f"`{self.source.piece(node)}` leads to no records")
        return found

    def _start(self, steps: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], Scope, int]:
        if steps[0][0] != "this":
            return steps, self.scope, 0
        if len(steps) == 1:
            raise self.source.error(steps[0][1], "`this` needs the name of a field", "write `this.name`")
        return (steps[1:], self.outer[-1], 1) if self.outer else (steps[1:], self.scope, 0)

    def _steps(self, node: ast.expr) -> list[tuple[str, int]]:
        """The names of a path with their offsets."""
        if isinstance(node, ast.Name):
            return [(node.id, self.source.offset(node))]
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name | ast.Attribute):
            raise self.source.error(self.source.offset(node), "a dot follows the name of a reference only")
        before = self._steps(node.value)
        end = self.source.end(node)
        if node.attr.startswith("_"):
            raise self.source.error(end - len(node.attr), f"names do not begin with `_`: `{node.attr}`")
        return [*before, (node.attr, end - len(node.attr))]

    def _shared(self, root: str, steps: list[tuple[str, int]], text: str) -> Node:
        """A setting, or the person who looks: the same for every record, known in the outermost scope at the latest."""
        scope = next((s for s in (self.scope, *reversed(self.outer)) if s.find(root) is not None), None)
        if scope is None:
            raise self._unknown(steps[0], self.scope)
        type, _last = self._follow(steps, scope)
        path = tuple(name for name, _ in steps[1:])
        if root == "user":
            return User(type, text, path)
        if not path:
            raise self.source.error(steps[0][1], "`settings` needs the name of a setting", "write `settings.name`")
        return Setting(type, text, ("settings", *path))

    def _follow(self, steps: list[tuple[str, int]], scope: Scope) -> tuple[Type, Scope]:
        """The type at the end of a path and the scope that its last name stands in."""
        if len(steps) > MAX_STEPS + 1:
            raise self.source.error(
                steps[MAX_STEPS + 1][1],
                f"a path has at most {MAX_STEPS} steps",
                "give the record in between a computed field",
            )
        nullable = False
        for index, (name, at) in enumerate(steps):
            type = scope.find(name)
            if type is None:
                raise self._unknown(steps[index], scope, steps[index - 1][0] if index else None)
            nullable = nullable or type.nullable
            if index == len(steps) - 1:
                return type.maybe(nullable), scope
            inner = scope.into(name)
            if type.kind == "related":
                raise self.source.error(
                    at,
                    f"`{name}` leads to many records",
                    f"count or sum them: `count({name})`, `sum_of({name}, value)`",
                )
            if inner is None:
                raise self.source.error(at, f"`{name}` has no fields of its own")
            if scope.expand(name) is not None:
                raise self.source.error(at, f"`{name}` is computed; a path leads along stored references only")
            scope = inner
        raise AssertionError("a path has at least one step")

    def _unknown(self, step: tuple[str, int], scope: Scope, owner: str | None = None) -> Exception:
        name, at = step
        known: Mapping[str, str] = {
            n: label for n, label in scope.names().items() if n not in RESERVED or owner is None
        }
        where = f" in `{owner}`" if owner else ""
        lower = {"true": "True", "false": "False", "null": "None", "none": "None"}.get(name.lower())
        advice = f"write `{lower}`" if lower else hint(name, known, {label: n for n, label in known.items()})
        return self.source.error(at, f"there is no name '{name}'{where}", advice)
