"""Publishing: every process moves on to a new version by itself, while requests go on; a broken one moves nobody."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from engine import people, sessions
from engine.app import LOOK_EVERY
from engine.catalog import Catalog
from engine.principal import SYSTEM
from tests.scale.house import PLAIN, House, Process, soon
from ui import compose

SECONDS = 2.0  # until every process uses what was published
PACE = 0.1  # seconds between two requests of one client


@contextmanager
def light_load(house: House) -> Iterator[list[str]]:
    """Clients that write and read at both processes all the while; answers what failed."""
    failed: list[str] = []
    done: list[int] = []
    stop = threading.Event()

    def client(to: Process, name: str) -> None:
        key = house.keys["wang"]
        while not stop.wait(PACE):
            sent = {"name": f"{name} {len(done)} {time.monotonic()}", "limit": 5}
            for method, path, body in (("POST", "", sent), ("GET", "?limit=5", None)):
                try:
                    reply = to.send(method, f"/api/v1/forms/customer/records{path}", body, key=key)
                except OSError as error:
                    failed.append(f"{method}: {error}")
                    continue
                done.append(reply.status)
                if reply.status not in (200, 201):
                    failed.append(f"{method}: {reply}")

    clients = [threading.Thread(target=client, args=(to, f"客户 {n}")) for n, to in enumerate(house.web)]
    for thread in clients:
        thread.start()
    try:
        yield failed
    finally:
        stop.set()
        for thread in clients:
            thread.join()
    if len(done) < 10:
        failed.append(f"only {len(done)} requests were answered")


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def published(house: House) -> Iterator[None]:
    """Publish the folder with the command; the block begins when it says that it is done."""
    command = [sys.executable, "-c", PLAIN, "publish", str(house.folder), "--database", house.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = next((line for line in process.stdout if line.startswith("version ")), "")
        yield
    assert process.returncode == 0
    assert re.fullmatch(r"version \d+ \(\w{12}\) is running\n", told)


def patience(house: House) -> float:
    """Two seconds; more on a machine so busy that reading the folder alone takes a good part of them."""
    begun = time.monotonic()
    Catalog.load(house.folder, compose.kinds())
    return max(SECONDS, LOOK_EVERY + 5 * (time.monotonic() - begun))


def settings_page(house: House, to: Process) -> str:
    with house.app.work(SYSTEM) as work:
        li = people.find(work, "li")
        assert li is not None
        token = sessions.open(work, li.id)
    reply = to.send("GET", "/settings", cookie=f"sid={token}")
    assert reply.status == 200
    return str(reply.body)


def wait_for(to: Process, order: str, with_field: dict[str, object], key: str) -> bool:
    def made() -> bool:
        reply = to.send("POST", order, with_field, key=key)
        return reply.status == 201 and reply.body["urgent"] is True

    return soon(made, 10)


def each_worker_uses_it(house: House) -> bool:
    """Let one worker alone do what is due, then the other, and look which version each has worked with."""
    [(hash,)] = house.rows("SELECT v.hash FROM g_config_version v JOIN g_config_pointer p ON p.active_id = v.id")
    used = []
    for other in house.workers:
        day = house.app.clock.now().date().isoformat()
        bill = house.made("bill", {"number": f"版本 {other.popen.pid}", "due": day, "contact": "a@b.example"})
        other.popen.send_signal(signal.SIGSTOP)
        try:
            house.next_day()
            assert soon(partial(fired_with, house, bill), 20)
        finally:
            other.popen.send_signal(signal.SIGCONT)
        used += fired_with(house, bill)
    return set(used) == {(hash,)}


def fired_with(house: House, bill: int) -> list[Any]:
    return house.rows("SELECT catalog FROM g_firing WHERE rule = 'nightly' AND record_id = :bill", bill=bill)
