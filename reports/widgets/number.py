"""Number: one figure, with its change against the period before."""

from __future__ import annotations

from reports.widgets import Widget, widget_types


@widget_types.register("number")
class Number(Widget):
    """One figure.

    balance: {type: number, show: receivables.balance, compare: {to: previous_period, mode: to_date}}
    """

    options = {
        "compare": {
            "type": "object",
            "properties": {
                "to": {"enum": ["previous_period"], "description": "与上一期比较 / the period before"},
                "mode": {"enum": ["to_date", "whole"], "description": "to_date 只比到同一天 / up to the same day"},
            },
            "required": ["to"],
            "additionalProperties": False,
        }
    }

    @property
    def compare(self) -> str | None:
        """How it compares with the period before, or None."""
        found = self.given.get("compare")
        return found.get("mode", "to_date") if found else None
