"""An expression as a Chinese sentence, with the labels of fields in place of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.expressions.aggregates import AGGREGATES
from engine.expressions.calls import lookup
from engine.expressions.tree import (
    Aggregate,
    Arith,
    Call,
    Compare,
    Computed,
    Field,
    If,
    In,
    IsNull,
    Literal,
    Logic,
    Negative,
    Node,
    Not,
    Scaled,
    Setting,
    User,
)

_COMPARE = {"==": "等于", "!=": "不等于", "<": "小于", "<=": "不超过", ">": "大于", ">=": "不小于"}
_ARITH = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}
_USER = {"name": "姓名", "login": "账号", "department": "部门", "superior": "上级"}


class Describer:
    """Words for nodes. `labels` maps `days_overdue`, `customer.grade` or `settings.limit` to labels, `grade=d` to the
    label of an option."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels

    def sentence(self, node: Node) -> str:
        """A whole expression; a yes/no field by itself reads as a condition."""
        said = self.say(node)
        return f"{said}为是" if isinstance(node, Field | Computed) and node.type.kind == "boolean" else said

    def say(self, node: Node) -> str:
        return _SAY[type(node)](self, node)

    def _literal(self, node: Literal, owner: Node | None = None) -> str:
        value = node.value
        if isinstance(value, bool):
            return "是" if value else "否"
        if value is None:
            return "空"
        if isinstance(value, Decimal):
            return f"{value:f}"
        if isinstance(value, int | date):
            return str(value)
        path = getattr(owner, "path", None) or ("",)
        label = self.labels.get(f"{'.'.join(path)}={value}") or self.labels.get(f"{path[-1]}={value}")
        return f"「{label or value}」"

    def _path(self, node: Field | Computed) -> str:
        whole = self.labels.get(".".join(node.path))
        return whole or "的".join(self.labels.get(step, step) for step in node.path)

    def _setting(self, node: Setting) -> str:
        return f"设置「{self.labels.get('.'.join(node.path), node.path[-1])}」"

    def _user(self, node: User) -> str:
        return "当前用户" + "".join(f"的{_USER.get(step, step)}" for step in node.path)

    def _logic(self, node: Logic) -> str:
        word = "，并且" if node.op == "and" else "，或者"
        return word.join(f"（{self.say(i)}）" if isinstance(i, Logic) else self.sentence(i) for i in node.items)

    def _not(self, node: Not) -> str:
        part = node.part
        if isinstance(part, Field | Computed):
            return f"{self.say(part)}为否"
        return f"并非（{self.say(part)}）"

    def _compare(self, node: Compare) -> str:
        right = self._literal(node.right, node.left) if isinstance(node.right, Literal) else self.say(node.right)
        left = self._literal(node.left, node.right) if isinstance(node.left, Literal) else self.say(node.left)
        return f"{left}{_COMPARE[node.op]}{right}"

    def _in(self, node: In) -> str:
        items = "、".join(self._literal(item, node.part) for item in node.items)
        return (
            f"{self.say(node.part)}{'不' if node.negated else ''}是{items}{'中的任何一个' if node.negated else '之一'}"
        )

    def _is_null(self, node: IsNull) -> str:
        return f"{self.say(node.part)}{'不' if node.negated else ''}为空"

    def _arith(self, node: Arith) -> str:
        sides = (f"（{self.say(s)}）" if isinstance(s, Arith | If) else self.say(s) for s in (node.left, node.right))
        return _ARITH[node.op].join(sides)

    def _if(self, node: If) -> str:
        return f"{self.sentence(node.test)}时为{self.say(node.then)}，否则为{self.say(node.other)}"

    def _call(self, node: Call) -> str:
        said = [self.say(arg) for arg in node.args]
        return lookup(node.name).says.format(*said, all="、".join(said))

    def _aggregate(self, node: Aggregate) -> str:
        relation = self.labels.get(".".join(node.relation)) or "的".join(self.labels.get(s, s) for s in node.relation)
        where = f"中{self.sentence(node.where)}" if node.where else ""
        value = f"的{self.say(node.value)}" if node.value else ""
        return f"「{relation}{where}」{value}{AGGREGATES[node.name].says}"


_SAY: Mapping[type[Node], Callable[[Describer, Any], str]] = {
    Literal: Describer._literal,
    Field: Describer._path,
    Computed: Describer._path,
    Setting: Describer._setting,
    User: Describer._user,
    Logic: Describer._logic,
    Not: Describer._not,
    Compare: Describer._compare,
    In: Describer._in,
    IsNull: Describer._is_null,
    Arith: Describer._arith,
    Negative: lambda describer, node: f"负的{describer.say(node.part)}",
    Scaled: lambda describer, node: describer.say(node.part),
    If: Describer._if,
    Call: Describer._call,
    Aggregate: Describer._aggregate,
}
