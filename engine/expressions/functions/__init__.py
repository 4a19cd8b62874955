"""The functions of the language; this list is the whole allow-list of what an expression may call."""

from engine.expressions.functions import checks, dates, numbers, people, texts, values, workdays
from engine.expressions.functions.base import FUNCTIONS, Arguments, Function

MODULES = (dates, workdays, numbers, texts, values, people, checks)

__all__ = ["FUNCTIONS", "MODULES", "Arguments", "Function"]
