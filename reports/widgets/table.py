"""Table: several measures per group, with totals."""

from __future__ import annotations

from reports.widgets import BY, LAST, TOP, Widget, widget_types


@widget_types.register("table")
class Table(Widget):
    """Rows of a dimension, a column per measure, and a line of totals.

    sheet: {type: table, show: [receivables.due, receivables.overdue_rate], by: sales_owner}
    """

    options = {**BY, **TOP, **LAST}
    axis = "must"
    many = True
