"""Leaderboard: the first so many, in order."""

from __future__ import annotations

from reports.widgets import BY, TOP, Widget, widget_types


@widget_types.register("leaderboard")
class Leaderboard(Widget):
    """A ranking that the page draws as a list with bars.

    top10: {type: leaderboard, show: receivables.overdue, by: customer, top: 10}
    """

    options = {**BY, **TOP}
    axis = "must"
    zeros = False

    @property
    def top(self) -> int | None:
        return int(self.given.get("top", 10))
