"""A database server that crashes and comes back: what was acknowledged stands, and what was begun is done once."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import claims
from engine.app import App
from engine.database import Database
from engine.principal import SYSTEM
from engine.worker import Worker
from tests.crash import driver

pytestmark = pytest.mark.crash


def crash(server: Any) -> None:
    """End the server without a checkpoint and start it again; it recovers from its log."""
    from pgserver import pg_ctl

    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)
    server.ensure_postgres_running()


def test_a_crashed_database_loses_nothing_and_doubles_nothing(
    own_postgres: Any, folder: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "LEASE", driver.LEASE)
    monkeypatch.delenv("GUIJU_SMTP_URL", raising=False)
    app = App.open(folder({}), Database(own_postgres.get_uri()), [driver.room()])
    with app.work(SYSTEM) as work:
        work.driver("CREATE TABLE crash_write (n varchar(40))")
        work.driver("CREATE TABLE crash_effect (n varchar(40))")
    acknowledged: list[str] = []
    stop = threading.Event()

    def client() -> None:
        for number in itertools.count():
            while not driver.answered(app, f"a{number}"):
                time.sleep(0.02)
            acknowledged.append(f"a{number}")
            if stop.wait(0.01):
                return

    worker, thread = Worker(app, poll=0.05), threading.Thread(target=client)
    worker.start()
    thread.start()
    for _ in range(3):
        before = len(acknowledged)
        while len(acknowledged) < before + 10:
            time.sleep(0.02)
        crash(own_postgres)
    stop.set()
    thread.join()
    assert soon(lambda: left(app) == 0), left(app)
    worker.stop()
    with app.work(SYSTEM, read=True) as work:
        for table in ("crash_write", "crash_effect"):
            found = sorted(row[0] for row in work.driver(f"SELECT n FROM {table}").fetchall())
            assert found == sorted(acknowledged), table
        states = work.driver("SELECT state, count(*) FROM g_job GROUP BY state").fetchall()
    assert states == [("done", 2 * len(acknowledged))]
    app.close()


def left(app: App) -> int:
    with app.work(SYSTEM, read=True) as work:
        return int(work.driver("SELECT count(*) FROM g_job WHERE state <> 'done'").fetchone()[0])


def soon(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False
