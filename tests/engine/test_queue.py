"""Queue: Redis carries numbers and nothing else; emptied, lying or gone, it loses no job and runs no code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Callback
from rq.serializers import JSONSerializer

from engine import audit, jobs, queue
from engine.app import App
from engine.claims import Claimed
from engine.clock import SetClock
from engine.database import Database
from engine.errors import ConfigError
from engine.principal import SYSTEM
from engine.room import Room
from engine.worker import drain


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path], clock: SetClock, redis_url: str) -> Iterator[App]:
    room = Room("test", jobs={"x": effect})
    opened = App.open(folder({}), database, [room], clock, queue.RedisBell(redis_url))
    yield opened
    opened.close()


def effect(app: App, payload: Any, claimed: Claimed) -> None:
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
        audit.write(work, "effect", payload["n"])


def put(app: App, *keys: str) -> None:
    with app.work(SYSTEM) as work:
        for key in keys:
            jobs.put(work, "x", {"n": key}, key=key)


def effects(app: App) -> list[str]:
    with app.work(SYSTEM, read=True) as work:
        return sorted(row.subject for row in audit.rows(work, action="effect"))


def burst(app: App, redis: Redis) -> None:
    """Let an RQ worker of ours take all that is in Redis."""
    worker = SimpleWorker([queue.NAME], connection=redis, serializer=JSONSerializer, job_class=queue.job_class(app))
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_number_goes_through_redis_and_the_job_is_done_once(app: App, redis: Redis) -> None:
    put(app, "a", "b")
    waiting = Queue(queue.NAME, connection=redis, serializer=JSONSerializer)
    assert [json.loads(job.data)[2] for job in waiting.jobs] == [[1], [2]]
    burst(app, redis)
    assert effects(app) == ["a", "b"]
    assert drain(app) == 0
    assert list(redis.scan_iter("rq:job:*")) == []


def test_an_emptied_redis_loses_nothing(app: App, redis: Redis) -> None:
    put(app, "a", "b")
    redis.flushall()
    burst(app, redis)
    assert effects(app) == []
    assert drain(app) == 2
    assert effects(app) == ["a", "b"]


def test_a_number_told_twice_or_too_early_does_nothing(app: App, redis: Redis) -> None:
    put(app, "a")
    drain(app)
    app.bell.ring([1, 1, 999])
    burst(app, redis)
    assert effects(app) == ["a"]


def test_a_redis_that_is_gone_is_logged_and_asked_again_later(app: App, caplog: pytest.LogCaptureFixture) -> None:
    app.bell = queue.RedisBell("redis://127.0.0.1:1/0")
    put(app, "a")
    assert "a step after the commit failed" in caplog.text
    caplog.clear()
    put(app, "b")
    assert caplog.text == ""
    drain(app)
    assert effects(app) == ["a", "b"]


@pytest.mark.parametrize(
    "call",
    [
        ("os.system", ["touch {mark}"], {}),
        ("engine.queue.run", ["1"], {}),
        ("engine.queue.run", [1, 2], {}),
        ("engine.queue.run", [True], {}),
        ("engine.queue.run", [-1], {}),
        ("engine.queue.run", [1.0], {}),
        ("engine.queue.run", [1], {"id": 1}),
        ("engine.worker.drain", [1], {}),
    ],
)
def test_anything_else_in_redis_is_refused(app: App, redis: Redis, tmp_path: Path, call: Any) -> None:
    mark = tmp_path / "mark"
    function, args, kwargs = call
    args = [arg.format(mark=mark) if isinstance(arg, str) else arg for arg in args]
    put(app, "a")
    redis.flushall()
    other = Queue(queue.NAME, connection=redis, serializer=JSONSerializer)
    other.enqueue_call(function, args=args, kwargs=kwargs)
    burst(app, redis)
    assert effects(app) == []
    assert not mark.exists()


@pytest.mark.parametrize("which", ["on_success", "on_failure", "on_stopped"])
def test_a_job_of_ours_with_a_callback_is_refused(app: App, redis: Redis, which: str) -> None:
    put(app, "a")
    redis.flushall()
    other = Queue(queue.NAME, connection=redis, serializer=JSONSerializer)
    other.enqueue_call(queue.FUNCTION, args=(1,), **{which: Callback("os.getpid")})
    burst(app, redis)
    assert effects(app) == []


def test_a_pickle_in_redis_is_not_opened(app: App, redis: Redis, tmp_path: Path) -> None:
    other = Queue(queue.NAME, connection=redis)  # RQ's own default serializer
    other.enqueue_call("os.system", args=(f"touch {tmp_path}/mark",))
    burst(app, redis)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://redis.internal:6379/0", "without a password"),
        ("rediss://10.0.0.5/0", "without a password"),
        ("redis://user@10.0.0.5/0", "without a password"),
        ("http://127.0.0.1", "begins with redis://"),
    ],
)
def test_an_open_redis_is_refused_before_anything_starts(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        queue.connect(url)


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1/0", "redis://localhost/0", "redis://u:p@redis.internal/0", "unix:///r.sock"]
)
def test_a_redis_that_may_be_used(url: str) -> None:
    queue.connect(url).close()


PROCESS = """
import sys
from pathlib import Path
from engine import audit, queue
from engine.app import App
from engine.database import Database
from engine.principal import SYSTEM
from engine.room import Room

def effect(app, payload, claimed):
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
        audit.write(work, "effect", payload["n"])

queue.work(App.open_published(Database(sys.argv[1]), [Room("test", jobs={"x": effect})]), sys.argv[2])
"""


@contextmanager
def worker_processes(app: App, redis_url: str, count: int) -> Iterator[None]:
    """Real worker processes on PostgreSQL; they must end cleanly when told to."""
    command = [sys.executable, "-c", PROCESS, app.database.url.render_as_string(hide_password=False), redis_url]
    root = Path(__file__).parents[2]
    workers = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE) for _ in range(count)]
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        told = [worker.communicate(timeout=20)[1].decode() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * count, told


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_worker_processes_survive_an_emptied_redis_and_end_when_told(app: App, redis: Redis, redis_url: str) -> None:
    with worker_processes(app, redis_url, 2):
        for round in range(3):
            put(app, *(f"{round}-{number}" for number in range(10)))
            if round == 1:
                redis.flushall()
            wanted = 10 * (round + 1)
            assert soon(lambda wanted=wanted: len(effects(app)) == wanted), (round, effects(app))
    assert effects(app) == sorted(f"{round}-{number}" for round in range(3) for number in range(10))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_worker_process_needs_no_redis_to_do_its_work(app: App) -> None:
    put(app, "a", "b")
    with worker_processes(app, "redis://127.0.0.1:1/0", 1):
        assert soon(lambda: effects(app) == ["a", "b"])


def soon(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        threading.Event().wait(0.05)
    return False
