"""Stage: one database with the bench app and its data beside the twin's, and the sizes of the works."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, text

from engine import keys, people
from engine.app import App
from engine.clock import SetClock
from engine.principal import SYSTEM, Principal
from tests.bench import data, twin
from tests.conftest import started_postgres
from ui.compose import open_app

FOLDER = Path(__file__).parent / "app"
MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)  # ten o'clock in Shanghai, behind the hour of the daily rule


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    customers: int = 2_000
    receivables: int = 100_000
    imported: int = 50_000
    created: int = 400  # by each side in each round
    approvals: int = 40
    rounds: int = 5


FULL = Sizes()
QUICK = Sizes(200, 5_000, 2_000, 60, 10, 3)


@dataclass
class Stage:
    """What every work needs."""

    dialect: str
    sizes: Sizes
    folder: Path
    url: str
    twin_url: str
    app: App
    twin: Engine
    finance: Principal
    director: Principal
    seller: Principal
    key: str

    def sql(self, *statements: str) -> None:
        """Run statements on Guiju's database, past Guiju."""
        with self.app.database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))


@contextmanager
def opened(dialect: str, sizes: Sizes) -> Iterator[Stage]:
    """A stage with data in it, on a database that goes with it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guiju-bench-")))
        url, twin_url = _urls(stack, dialect, folder)
        app = open_app(FOLDER, url, clock=SetClock(MORNING))
        stack.callback(app.close)
        engine = twin.connect(twin_url)
        stack.callback(engine.dispose)
        twin.Base.metadata.create_all(engine)
        data.fill(
            app.database.engine if dialect == "postgresql" else _plain(url),
            sizes.customers,
            sizes.receivables,
            ours=True,
        )
        data.fill(engine, sizes.customers, sizes.receivables, ours=False)
        with app.work(SYSTEM) as work:
            fin = people.create(work, "fin", "财务", roles=["finance"])
            people.create(work, "dir", "总监", roles=["director"])
            people.create(work, "sel", "销售", roles=["seller"])
            _, key = keys.create(work, fin.id, "bench", ["write"])
            finance, director, seller = (people.principal(work, login) for login in ("fin", "dir", "sel"))
        yield Stage(dialect, sizes, folder, url, twin_url, app, engine, finance, director, seller, key)


def _urls(stack: ExitStack, dialect: str, folder: Path) -> tuple[str, str]:
    if dialect == "sqlite":
        return f"sqlite:///{folder}/guiju.sqlite3", f"sqlite:///{folder}/twin.sqlite3"
    server: Any = stack.enter_context(started_postgres())
    plain = server.get_uri()
    with psycopg.connect(plain, autocommit=True) as admin:
        for name in ("guiju", "twin"):
            admin.execute(f"CREATE DATABASE {name}")
    ours, theirs = (plain.replace("/postgres?", f"/{name}?", 1) for name in ("guiju", "twin"))
    return ours, theirs


def _plain(url: str) -> Engine:
    """SQLite by the twin's engine: Guiju's own connections are read-only outside of a unit of work."""
    return twin.connect(url)
