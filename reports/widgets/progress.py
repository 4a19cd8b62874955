"""Progress: a share as a bar, with its target."""

from __future__ import annotations

from decimal import Decimal

from reports.widgets import Widget, widget_types


@widget_types.register("progress")
class Progress(Widget):
    """A share of one, as a bar that the page draws.

    rate: {type: progress, show: receivables.collection_rate, target: 0.9}
    """

    options = {"target": {"type": "number", "minimum": 0, "maximum": 10, "description": "目标 / target, 0.9 is 90 %"}}

    @property
    def target(self) -> Decimal | None:
        found = self.given.get("target")
        return Decimal(str(found)) if found is not None else None
