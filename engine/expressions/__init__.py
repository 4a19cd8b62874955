"""One expression language, checked against the form's types, with two back ends that always agree."""

from engine.expressions.env import Env, MapEnv, Related, SqlEnv
from engine.expressions.expression import Expression, compile_expression
from engine.expressions.scope import RESERVED, MapScope, Scope
from engine.expressions.trace import Trace
from engine.expressions.types import Type

__all__ = [
    "RESERVED",
    "Env",
    "Expression",
    "MapEnv",
    "MapScope",
    "Related",
    "Scope",
    "SqlEnv",
    "Trace",
    "Type",
    "compile_expression",
]
