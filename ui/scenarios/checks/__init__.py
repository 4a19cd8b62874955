"""Checks: what `expect` can look at beside the fields of records. One family to a file."""

from ui.scenarios.checks import counts, messages, states, widgets
from ui.scenarios.checks.base import Check, Difference, check_types

__all__ = ["Check", "Difference", "check_types", "counts", "messages", "states", "widgets"]
