"""Queue: Redis and RQ carry the numbers of ready jobs to worker processes; the table stays the truth."""

from __future__ import annotations

import json
import logging
import signal
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from engine.bell import LocalBell
from engine.errors import ConfigError
from engine.ticker import Ticker
from engine.worker import Worker, run_one

if TYPE_CHECKING:
    from engine.app import App

log = logging.getLogger("guiju.queue")

NAME = "guiju"
FUNCTION = "engine.queue.run"  # a name on the wire; nothing is imported by it
RUN_SECONDS = 3600  # beyond any time limit of our own handlers
KEEP_SECONDS = 60
MOST_AT_ONCE = 50  # of one commit; the poll of the workers finds the rest
PAUSE_SECONDS = 5.0  # without ringing, after Redis did not answer
EXTRAS = {"webhooks", "repeats_left", "retries_left"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def connect(url: str) -> Redis:
    """Open Redis; refuses one that others on the network could write to without a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ConfigError("a Redis URL begins with redis://, rediss:// or unix://")
    if parts.scheme != "unix" and parts.hostname not in LOOPBACK and not parts.password:
        raise ConfigError(
            f"the Redis at {parts.hostname} is given without a password, so anyone near it could start jobs",
            hint="set a password there and write it into the URL: redis://user:password@host:port",
        )
    return Redis.from_url(url, socket_connect_timeout=1.0, socket_keepalive=True)


class RedisBell(LocalBell):
    """Rings in whichever worker process is free; while Redis is away, the workers' own poll stands in."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._queue = Queue(NAME, connection=connect(url), serializer=JSONSerializer)
        self._quiet_until = 0.0

    def ring(self, job_ids: Sequence[int]) -> None:
        super().ring(job_ids)
        if time.monotonic() < self._quiet_until:
            return
        try:
            for id in job_ids[:MOST_AT_ONCE]:
                self._enqueue(id)
        except RedisError:
            self._quiet_until = time.monotonic() + PAUSE_SECONDS
            raise

    def _enqueue(self, id: int) -> None:
        try:
            self._queue.enqueue_call(
                FUNCTION, args=(id,), job_id=f"j{id}", unique=True, timeout=RUN_SECONDS, result_ttl=0,
                failure_ttl=KEEP_SECONDS, ttl=RUN_SECONDS, description=f"job {id}",
            )  # fmt: skip
        except DuplicateJobError:
            log.debug("job %s is in the queue already", id)


def work(app: App, url: str) -> None:
    """Be a worker process until told to stop: take what Redis brings, poll the table, tick."""
    connection, ending = connect(url), Ending()
    poll, ticker = Worker(app), Ticker(app)
    poll.start()
    ticker.start()
    try:
        while not ending.asked:
            ending.listen()
            try:
                _rq_worker(app, connection, ending).work(logging_level="WARNING")
            except RedisError:
                log.exception("Redis does not answer; the poll of the table goes on without it")
            ending.listen()
            ending.pause(PAUSE_SECONDS)
    finally:
        poll.stop()
        ticker.stop()


class Ending:
    """Whether the process was told to end; a plain flag, since a signal may come while a lock is held."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        """Take the signals; RQ takes them from us while its worker runs."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, number: int, frame: Any) -> None:
        self.asked = True

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.asked and time.monotonic() < until:
            time.sleep(0.1)


def _rq_worker(app: App, connection: Redis, ending: Ending) -> SimpleWorker:
    """An RQ worker on one queue that runs in this process and knows one function."""

    class OneWorker(SimpleWorker):
        def request_stop(self, signum: Any, frame: Any) -> None:
            ending.asked = True
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    return OneWorker([NAME], connection=connection, serializer=JSONSerializer, job_class=job_class(app))


def job_class(app: App) -> type[Job]:
    """The only kind of job a worker accepts: our one name with one integer, and nothing that RQ could call besides."""

    class RowJob(Job):
        def restore(self, raw_data: Any) -> None:
            super().restore(raw_data)
            refused = _extras(raw_data) or not is_ours(self.data)
            if refused:
                log.warning("a job in Redis that is not ours was refused: %s", self.id)
                raise NoSuchJobError(f"{self.id} is not a job of ours")

        def _execute(self) -> bool:
            return run_one(app, self.args[0])

    return RowJob


def is_ours(data: bytes) -> bool:
    """True for exactly our function with exactly one positive integer."""
    try:
        function, instance, args, kwargs = json.loads(data)
    except ValueError:
        return False
    one = isinstance(args, list) and len(args) == 1 and type(args[0]) is int and args[0] > 0
    return function == FUNCTION and instance is None and one and kwargs == {}


def _extras(raw_data: Any) -> bool:
    """True when the hash asks RQ to call or to send anything by itself."""
    asked = {key.decode() for key, value in raw_data.items() if value}
    return any(
        name.endswith("_callback_name") or name in ("webhooks", "repeats_left", "retries_left") for name in asked
    )
