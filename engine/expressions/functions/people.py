"""People: the roles of the person who looks, and whom that person manages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, case, false, null, true

from engine.expressions import types
from engine.expressions.functions.base import Arguments, Function, function
from engine.expressions.meet import Mismatch
from engine.expressions.tree import Literal, Node, User

if TYPE_CHECKING:
    from engine.expressions.sql import SqlCompiler
    from engine.expressions.tree import Call


def _in_role(given: Arguments) -> Node:
    user, role = given.args
    if not isinstance(user, User) or user.path:
        raise Mismatch("in_role() asks about the person who looks", "write `in_role(user, 'finance')`")
    if not isinstance(role, Literal) or role.type.kind != "text":
        raise Mismatch("in_role() needs the id of a role", "write `in_role(user, 'finance')`")
    return given.call(types.boolean(nullable=False), (role,))


def _manages(env: Any, _user: Any, person: Any) -> bool | None:
    if person is None:
        return None
    return env.user is not None and (env.user.system or person in env.user.subordinates)


def _manages_sql(compiler: SqlCompiler, call: Call) -> ColumnElement[Any]:
    person, user = compiler.element(call.args[1]), compiler.root.user
    below = sorted(user.subordinates) if user else []
    if user is not None and user.system:
        return case((person.is_(None), null()), else_=true())
    return person.in_(below) if below else case((person.is_(None), null()), else_=false())


function(
    "in_role",
    rule=_in_role,
    arity=(2, 2),
    env=True,
    uses="user",
    says="当前用户是{0}",
    python=lambda env, role: env.user is not None and env.user.has(role),
    examples=[("in_role(user, 'finance')", True), ("in_role(user, 'sales')", False)],
)

MANAGES = Function(
    "manages",
    2,
    2,
    lambda given: given.call(types.boolean()),
    _manages,
    _manages_sql,
    "当前用户是{1}的上级",
    (("user.manages(user)", False),),
    strict=False,
    env=True,
    uses="user",
)
