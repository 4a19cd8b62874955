"""Create a record: over HTTP beside the hand-written twin, five bad bodies to both, and the save alone in process."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from forms import records
from tests.bench import servers, twin
from tests.bench.measure import Line, at_least, interleaved
from tests.bench.servers import Client
from tests.bench.stage import FOLDER, Stage

PATHS = {"guiju": "/api/v1/forms/receivable/records", "twin": "/receivables"}
GOOD: dict[str, Any] = {"customer": 7, "amount": 1250.5, "invoice_date": "2026-02-01", "due_date": "2026-03-01"}
BAD: dict[str, dict[str, Any]] = {
    "a taken number": {**GOOD, "number": "AR-1"},
    "an unknown customer": {**GOOD, "number": "bad", "customer": 999_999_999},
    "a negative amount": {**GOOD, "number": "bad", "amount": -1},
    "a due date before the invoice": {**GOOD, "number": "bad", "due_date": "2026-01-31"},
    "no number": dict(GOOD),
}
THREADS = 4

fresh = itertools.count(1)


def run(stage: Stage) -> Iterator[Line]:
    yield _in_process(stage)
    with servers.guiju(FOLDER, stage.url) as ours, servers.twin(stage.twin_url) as theirs:
        ports = {"guiju": ours.port, "twin": theirs.port}
        for name, port in ports.items():
            servers.many(
                port, stage.key, PATHS[name], _bodies(20), 1
            )  # connections and caches, as in any running server
        yield _over_http(stage, ports, 1)
        yield _over_http(stage, ports, THREADS)
        yield _refusals(stage, ports)


def _bodies(count: int) -> list[dict[str, Any]]:
    return [{**GOOD, "number": f"new-{next(fresh)}"} for _ in range(count)]


def _over_http(stage: Stage, ports: dict[str, int], threads: int) -> Line:
    count = stage.sizes.created
    sides = {
        name: lambda name=name: servers.many(ports[name], stage.key, PATHS[name], _bodies(count), threads)
        for name in ports
    }
    taken = interleaved(sides, stage.sizes.rounds)
    what = f"create over HTTP, {threads} connection{'s' if threads > 1 else ''}"
    return at_least(what, count / taken["guiju"], count / taken["twin"], "twin (Flask + ORM)")


def _refusals(stage: Stage, ports: dict[str, int]) -> Line:
    refused: dict[str, list[str]] = {}
    for name, port in ports.items():
        refused[name] = []
        with closing(Client(port, stage.key)) as client:
            for what, body in BAD.items():
                status, content = client.ask("POST", PATHS[name], body)
                if status == 422 and json.loads(content)["errors"]:
                    refused[name].append(what)
    ours, theirs = (f"{len(refused[name])} of {len(BAD)}" for name in ("guiju", "twin"))
    return Line("five bad bodies refused", ours, f"{theirs} twin", None, "all", len(refused["guiju"]) == len(BAD))


def _in_process(stage: Stage) -> Line:
    count = stage.sizes.created

    def ours() -> None:
        for body in _bodies(count):
            with stage.app.work(stage.finance) as work:
                records.save(work, "receivable", body | {"amount": Decimal("1250.50")})

    def theirs() -> None:
        """Only add and commit: what the ORM itself costs, with nothing checked."""
        for body in _bodies(count):
            with Session(stage.twin) as session:
                days = {name: date.fromisoformat(body[name]) for name in ("invoice_date", "due_date")}
                session.add(twin.Receivable(number=body["number"], customer_id=7, amount=125_050, **days))
                session.commit()

    taken = interleaved({"guiju": ours, "twin": theirs}, stage.sizes.rounds)
    line = at_least(
        "save in process", count / taken["guiju"], count / taken["twin"], "ORM add + commit, nothing checked"
    )
    return Line(line.work, line.ours, line.other, line.ratio)
