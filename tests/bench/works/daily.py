"""A daily rule over all receivables, of which 2 % match, with one stored action each."""

from __future__ import annotations

from collections.abc import Iterator

from rules import firings
from tests.bench.data import TODAY
from tests.bench.measure import Line, interleaved, ms
from tests.bench.stage import Stage

OPEN = """FROM receivable r
LEFT JOIN (SELECT receivable, SUM(amount) AS paid FROM payment WHERE deleted_at IS NULL GROUP BY receivable) p
  ON p.receivable = r.id
WHERE r.deleted_at IS NULL AND r.due_date < {before} AND r.amount > COALESCE(p.paid, 0)"""
COLUMNS = "receivable, outstanding, dunned_on, version, created_at, updated_at"
CHUNK = 500


def run(stage: Stage) -> Iterator[Line]:
    expected = stage.sizes.receivables // 50
    sqlite = stage.dialect == "sqlite"
    before = f"date('{TODAY}', '-15 days')" if sqlite else f"DATE '{TODAY}' - 15"
    today = f"'{TODAY}'" if sqlite else f"DATE '{TODAY}'"
    now = "'2026-03-02T02:00:00.000000Z'" if sqlite else "now()"
    found = OPEN.format(before=before)
    balance = "r.amount - COALESCE(p.paid, 0)"
    insert = f"INSERT INTO dunning ({COLUMNS}) SELECT r.id, {balance}, {today}, 1, {now}, {now} {found}"

    def ours() -> None:
        assert firings.run_due(stage.app) == expected

    def raw() -> None:
        stage.sql(insert)

    def chunked() -> None:
        """What a programmer writes: read what is open, chunk by chunk, and note each that has not been dunned yet."""
        last, mark = 0, "?" if sqlite else "%s"
        once = f"AND NOT EXISTS (SELECT 1 FROM dunning d WHERE d.receivable = r.id) AND r.id > {mark}"
        query = f"SELECT r.id, {balance} {found} {once} ORDER BY r.id LIMIT {CHUNK}"
        write = f"INSERT INTO dunning ({COLUMNS}) VALUES ({mark}, {mark}, {today}, 1, {now}, {now})"
        while True:
            with stage.app.database.write() as connection:
                cursor = connection.connection.cursor()
                rows = cursor.execute(query, (last,)).fetchall()  # type: ignore[attr-defined]
                if not rows:
                    return
                cursor.executemany(write, rows)
            last = rows[-1][0]

    def afresh(_side: str) -> None:
        stage.sql("DELETE FROM dunning", "DELETE FROM g_firing", "DELETE FROM g_latch", "DELETE FROM g_rule_period")
        stage.sql("DELETE FROM g_history WHERE form = 'dunning'")

    taken = interleaved({"guiju": ours, "chunked": chunked, "raw": raw}, min(stage.sizes.rounds, 3), afresh)
    what = f"daily rule, {expected:,} of {stage.sizes.receivables:,} fire"
    yield Line(what, ms(taken["guiju"]), f"{ms(taken['chunked'])} chunked by hand", taken["guiju"] / taken["chunked"])
    yield Line(
        "  the same beside raw SQL",
        ms(taken["guiju"]),
        f"{ms(taken['raw'])} INSERT..SELECT",
        taken["guiju"] / taken["raw"],
    )
