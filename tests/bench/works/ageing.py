"""The aging widget over all receivables and their payments, beside the aggregate statement."""

from __future__ import annotations

from collections.abc import Iterator

from reports import results
from tests.bench.data import TODAY
from tests.bench.measure import Line, at_most, interleaved
from tests.bench.stage import Stage

PAID = "(SELECT receivable, SUM(amount) AS paid FROM payment WHERE deleted_at IS NULL GROUP BY receivable)"
RAW = """SELECT {more}CASE WHEN due_date >= {today} THEN 0 WHEN due_date >= {d30} THEN 1 WHEN due_date >= {d60} THEN 2
  WHEN due_date >= {d90} THEN 3 ELSE 4 END AS band, SUM({balance})
FROM receivable r LEFT JOIN {paid} p ON p.receivable = r.id{join}
WHERE r.deleted_at IS NULL GROUP BY {groups}"""


def run(stage: Stage) -> Iterator[Line]:
    for widget, what in (("aging", "aging widget"), ("regions", "aging by region")):
        statement = _raw(stage.dialect, widget == "regions")

        def ours(widget: str = widget) -> None:
            with stage.app.work(stage.finance, read=True) as work:
                assert results.compute(work, "ageing", widget).lines

        def raw(statement: str = statement) -> None:
            with stage.app.database.read() as connection:
                assert connection.connection.dbapi_connection.execute(statement).fetchall()  # type: ignore[union-attr]

        ours(), raw()
        taken = interleaved({"guiju": ours, "raw": raw}, stage.sizes.rounds)
        yield at_most(f"{what}, {stage.sizes.receivables:,}", taken["guiju"], taken["raw"], "raw aggregate", 1.3)


def _raw(dialect: str, regions: bool) -> str:
    def ago(days: int) -> str:
        return f"date('{TODAY}', '-{days} days')" if dialect == "sqlite" else f"DATE '{TODAY}' - {days}"

    left = "r.amount - COALESCE(p.paid, 0)"
    return RAW.format(
        more="c.region, " if regions else "",
        today=ago(0), d30=ago(30), d60=ago(60), d90=ago(90),
        balance=f"MAX(0, {left})" if dialect == "sqlite" else f"GREATEST(0, {left})",
        paid=PAID,
        join=" LEFT JOIN customer c ON c.id = r.customer" if regions else "",
        groups="1, 2" if regions else "1",
    )  # fmt: skip
