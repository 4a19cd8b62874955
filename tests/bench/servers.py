"""Servers: Guiju and its twin as processes of their own, and a client that costs both sides the same."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Server:
    """A process that answers at a port, and the seconds until its first answer."""

    port: int
    pid: int
    ready: float

    def memory(self) -> float:
        """Megabytes that are its own share (PSS)."""
        rows = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


@contextmanager
def guiju(folder: Path, url: str, verb: str = "web") -> Iterator[Server]:
    command = Path(sys.executable).with_name("guiju")
    with _server([str(command), verb, str(folder), "--database", url, "--port"], "/login") as server:
        yield server


@contextmanager
def twin(url: str) -> Iterator[Server]:
    with _server([sys.executable, "-m", "tests.bench.twin", url], "/floor") as server:
        yield server


@contextmanager
def _server(command: Sequence[str], path: str) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL)
    try:
        _answers(process, port, path)
        yield Server(port, process.pid, time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Wait for the first answer."""
    while process.poll() is None:
        try:
            with closing(Client(port)) as client:
                status, _ = client.ask("GET", path)
            if status == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"the server ended with status {process.returncode}")


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int, key: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def many(port: int, key: str, path: str, bodies: Sequence[Any], threads: int) -> None:
    """POST all bodies over so many connections; all of them must be created."""
    refused: list[bytes] = []

    def post(part: Sequence[Any]) -> None:
        with closing(Client(port, key)) as client:
            for body in part:
                status, content = client.ask("POST", path, body)
                if status != 201:
                    refused.append(content)

    workers = [threading.Thread(target=post, args=(bodies[at::threads],)) for at in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if refused:
        raise RuntimeError(f"{len(refused)} of {len(bodies)} were refused: {refused[0].decode()}")
