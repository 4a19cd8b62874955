"""List 50 records by date out of all: in process and over HTTP, beside the raw statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from forms import records
from tests.bench import servers
from tests.bench.measure import Line, Side, at_most, interleaved, ms
from tests.bench.servers import Client
from tests.bench.stage import FOLDER, Stage

FIELDS = ("number", "customer", "amount", "invoice_date", "due_date")
RAW = """SELECT r.id, r.version, r.number, r.customer, c.name, r.amount, r.invoice_date, r.due_date
FROM receivable r LEFT JOIN customer c ON c.id = r.customer
WHERE r.deleted_at IS NULL ORDER BY r.due_date DESC, r.id DESC LIMIT 50"""
TIMES = 20  # in one round, because one is too short to be timed


def run(stage: Stage) -> Iterator[Line]:
    def ours() -> None:
        with stage.app.work(stage.finance, read=True) as work:
            page = records.find(work, "receivable", sort="-due_date", fields=FIELDS, count="none")
            assert len([[row[name] for name in FIELDS] for row in page.rows]) == 50

    def counted() -> None:
        with stage.app.work(stage.finance, read=True) as work:
            assert records.find(work, "receivable", sort="-due_date", fields=FIELDS).total

    def raw() -> None:
        with stage.app.database.read() as connection:
            assert len(connection.connection.dbapi_connection.execute(RAW).fetchall()) == 50  # type: ignore[union-attr]

    taken = interleaved({"page": _often(ours), "counted": _often(counted), "raw": _often(raw)}, stage.sizes.rounds)
    yield at_most("list of 50, in process", taken["page"] / TIMES, taken["raw"] / TIMES, "raw SELECT", 2)
    yield Line("  the same with a capped total", ms(taken["counted"] / TIMES), "")
    with (
        servers.guiju(FOLDER, stage.url) as server,
        servers.twin(stage.twin_url) as theirs,
        closing(Client(server.port, stage.key)) as client,
        closing(Client(theirs.port)) as other,
    ):
        path = f"/api/v1/forms/receivable/records?sort=-due_date&fields={','.join(FIELDS)}&limit=50"
        sides = {
            "guiju": _often(_asking(client, path)),
            "twin": _often(_asking(other, "/receivables")),
            "floor": _often(_asking(other, "/floor")),
            "raw": _often(raw),
        }
        for side in sides.values():
            side()
        seconds = {name: taken / TIMES for name, taken in interleaved(sides, stage.sizes.rounds).items()}
    bound = 2 * seconds["raw"] + seconds["floor"]
    named = f"= 2 x {ms(seconds['raw'])} raw + {ms(seconds['floor'])} floor"
    yield at_most("list of 50 over HTTP", seconds["guiju"], bound, named, 1)
    yield at_most("  the same beside the twin", seconds["guiju"], seconds["twin"], "twin (Flask + ORM)", 1)


def _often(side: Side) -> Side:
    def run() -> None:
        for _ in range(TIMES):
            side()

    return run


def _asking(client: Client, path: str) -> Callable[[], None]:
    def ask() -> None:
        status, content = client.ask("GET", path)
        assert status == 200, content

    return ask
