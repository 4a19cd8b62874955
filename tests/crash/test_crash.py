"""The crash loop: processes killed and paused at random points lose nothing acknowledged and double nothing.

The checker reads only the database, the mail sink's own log and what the clients were answered. The seed is
printed; set GUIJU_CRASH_SEED to run it again, GUIJU_CRASH_SECONDS to run it longer.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from engine import claims, worker
from engine.app import App
from engine.database import Database
from engine.principal import SYSTEM
from tests.crash import driver

pytestmark = pytest.mark.crash

SEED = int(os.environ.get("GUIJU_CRASH_SEED") or random.randrange(10**6))
SECONDS = float(os.environ.get("GUIJU_CRASH_SECONDS") or 8)
NAMES = "ab"


class Sink:
    """A mail server that keeps what it took, by subject."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken[message_from_bytes(envelope.content)["Subject"]] += 1
        return "250 OK"


@dataclass
class Crowd:
    """Two clients and two workers, each started again when it is killed."""

    targets: dict[str, Callable[[], BaseProcess]]
    rng: random.Random
    pausing: float  # how often a worker is paused rather than killed
    alive: dict[str, BaseProcess] = field(default_factory=dict)
    paused: dict[str, float] = field(default_factory=dict)
    kills: int = 0
    pauses: int = 0

    def run(self, at_least: float, enough: Callable[[], bool]) -> None:
        """Harm them for so many seconds and until it is enough, however busy the machine; give up after a minute."""
        for name in self.targets:
            self._start(name)
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < at_least or (passed < 60 and not enough()):
            time.sleep(self.rng.uniform(0.02, 0.25))
            self._wake()
            self._harm(self.rng.choice([name for name in self.alive if name not in self.paused]))
        self.end()

    def end(self) -> None:
        for process in self.alive.values():
            process.kill()
            process.join()
        self.alive.clear()

    def _harm(self, name: str) -> None:
        if name.startswith("worker") and self.rng.random() < self.pausing:
            if self.paused:
                return
            self._signal(name, signal.SIGSTOP)
            self.paused[name] = time.monotonic() + driver.LEASE / 1000 * self.rng.uniform(1.2, 2)
            self.pauses += 1
        else:
            self.alive[name].kill()
            self.alive[name].join()
            self.kills += 1
            self._start(name)

    def _wake(self) -> None:
        for name, at in list(self.paused.items()):
            if time.monotonic() >= at:
                self._signal(name, signal.SIGCONT)
                del self.paused[name]

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self.alive[name].pid
        assert pid is not None
        os.kill(pid, number)

    def _start(self, name: str) -> None:
        self.alive[name] = self.targets[name]()
        self.alive[name].start()


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def app(
    database: Database,
    folder: Callable[[dict[str, str]], Path],
    sink: tuple[Sink, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[App]:
    monkeypatch.setattr(claims, "LEASE", driver.LEASE)
    monkeypatch.setenv("GUIJU_SMTP_URL", sink[1])
    opened = App.open(folder({}), database, [driver.room()])
    with opened.work(SYSTEM) as work:  # no unique keys: what is doubled must show
        work.driver("CREATE TABLE crash_write (n varchar(40))")
        work.driver("CREATE TABLE crash_effect (n varchar(40))")
    yield opened
    opened.close()


@pytest.fixture
def crowd(app: App, sink: tuple[Sink, str], tmp_path: Path) -> Iterator[Callable[..., Crowd]]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.driver"])
    url = app.database.url.render_as_string(hide_password=False)
    made: list[Crowd] = []

    def make(fenced: bool = True) -> Crowd:
        print(f"GUIJU_CRASH_SEED={SEED}")
        targets: dict[str, Callable[[], BaseProcess]] = {}
        for name in NAMES:
            notes = tmp_path / f"acknowledged-{name}"
            notes.touch()
            args = (url, name, str(notes))
            targets[f"client {name}"] = lambda args=args: context.Process(target=driver.client, args=args)  # type: ignore[misc]
        for name in "12":
            targets[f"worker {name}"] = lambda: context.Process(target=driver.work, args=(url, sink[1], fenced))
        made.append(Crowd(targets, random.Random(f"{SEED} {app.database.dialect}"), 0.5 if fenced else 1))
        return made[-1]

    yield make
    for one in made:
        one.end()


def check(app: App, taken: Counter[str], acknowledged: list[str]) -> list[str]:
    """What is lost or doubled, in words."""
    with app.work(SYSTEM, read=True) as work:
        written = Counter(row[0] for row in work.driver("SELECT n FROM crash_write").fetchall())
        effects = Counter(row[0] for row in work.driver("SELECT n FROM crash_effect").fetchall())
        jobs = dict(work.driver("SELECT key, state FROM g_job").fetchall())
    problems = [f"{n} was acknowledged and is lost" for n in acknowledged if n not in written]
    for kind, counted in (("write", written), ("effect", effects), ("mail", taken)):
        problems += [f"{kind} {n} happened {times} times" for n, times in counted.items() if times > 1]
        problems += [f"{kind} {n} happened although nothing was written" for n in counted if n not in written]
    for n in written:
        if effects[n] != 1 or jobs[f"effect:{n}"] != "done":
            problems.append(f"effect {n}: {effects[n]} times, its job is {jobs[f'effect:{n}']}")
        mail = jobs[f"outbox:mail:{n}"]
        if mail not in ("done", "uncertain") or (mail == "done" and taken[n] != 1):
            problems.append(f"mail {n}: taken {taken[n]} times, its job is {mail}")
    return problems


def settle(app: App) -> None:
    """Let one worker that nobody kills finish what was begun."""
    until = time.monotonic() + 30
    open_jobs = 1
    while open_jobs and time.monotonic() < until:
        worker.drain(app)
        app.due()
        with app.work(SYSTEM, read=True) as work:
            left = "SELECT count(*) FROM g_job WHERE state IN ('ready', 'running', 'handing_over')"
            open_jobs = work.driver(left).fetchone()[0]
        time.sleep(0.05)


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    app: App, crowd: Callable[..., Crowd], sink: tuple[Sink, str], tmp_path: Path
) -> None:
    notes = [tmp_path / f"acknowledged-{name}" for name in NAMES]

    def acknowledged() -> list[str]:
        return [n for note in notes for n in note.read_text().split()]

    harmed = crowd()
    harmed.run(SECONDS, lambda: harmed.kills > 20 and harmed.pauses > 2 and len(acknowledged()) > 20)
    settle(app)
    mails = sum(sink[0].taken.values())
    print(f"{harmed.kills} kills, {harmed.pauses} pauses, {len(acknowledged())} acknowledged, {mails} mails")
    assert check(app, sink[0].taken, acknowledged()) == [], f"GUIJU_CRASH_SEED={SEED}"
    assert harmed.kills > 20
    assert harmed.pauses > 2
    assert len(acknowledged()) > 20


def test_the_checker_sees_what_the_fence_prevents(
    app: App, crowd: Callable[..., Crowd], sink: tuple[Sink, str]
) -> None:
    """The negative control: without the fence, a worker that wakes up after its lease does its work again."""

    def doubled() -> bool:
        return any(re.search(r"happened \d+ times", problem) for problem in check(app, sink[0].taken, []))

    crowd(fenced=False).run(0, doubled)
    assert doubled(), f"GUIJU_CRASH_SEED={SEED}"
