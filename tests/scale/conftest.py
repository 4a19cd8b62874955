"""Two houses: scaled out on PostgreSQL and Redis, and embedded on SQLite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.scale.house import FOLDER, HURRIED, House, OwnRedis, Sink, free_port, opened


@pytest.fixture(scope="module")
def sink() -> Iterator[tuple[Sink, str]]:
    handler, port = Sink(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def scaled(
    postgres_server: str, own_redis: OwnRedis, sink: tuple[Sink, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Two web processes and two workers on one PostgreSQL and one Redis."""
    tmp = tmp_path_factory.mktemp("scaled")
    folder = Path(shutil.copytree(FOLDER, tmp / "app"))
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS scale WITH (FORCE)")
        admin.execute("CREATE DATABASE scale")
    url = postgres_server.replace("/postgres?", "/scale?", 1)
    more = {"more": ["--redis", own_redis.url], "environment": {"GUIJU_SMTP_URL": sink[1]}}
    with opened(folder, url, tmp, **more) as house:
        house.web = [house.start("web") for _ in range(2)]
        house.workers = [house.start("worker", HURRIED) for _ in range(2)]
        house.ready(house.web)
        yield house
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE scale WITH (FORCE)")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One process on SQLite that is web, worker and timer."""
    tmp = tmp_path_factory.mktemp("embedded")
    with opened(FOLDER, f"sqlite:///{tmp}/scale.sqlite3", tmp) as house:
        house.web = [house.start("run")]
        house.ready(house.web)
        yield house
