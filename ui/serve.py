"""Serve: the processes of a running app; web answers requests, a worker runs jobs and what falls due."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import waitress

from engine import queue
from engine.app import App
from engine.ticker import Ticker
from engine.worker import Worker
from ui.web import MAX_BODY, create

THREADS = 8  # below the connections of the pool, so that no request waits for one


@contextmanager
def background(app: App) -> Iterator[None]:
    """Run jobs and what falls due in threads of this process, until the block ends."""
    worker, ticker = Worker(app), Ticker(app)
    worker.start()
    ticker.start()
    try:
        yield
    finally:
        ticker.stop()
        worker.stop()


def web(app: App, host: str, port: int, *, proxies: int = 0) -> None:
    """Answer requests until told to stop; prints the address once it listens."""
    flask = create(app, proxies=proxies)
    server = waitress.create_server(
        flask,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=MAX_BODY,
        max_request_header_size=64 * 1024,
        channel_timeout=60,
        clear_untrusted_proxy_headers=not proxies,
    )
    print(f"{app.catalog.title} {app.catalog.version}: http://{_shown(host)}:{port}/", flush=True)  # noqa: T201
    with _stoppable():
        server.run()  # ends by itself on KeyboardInterrupt and SystemExit
    server.close()


def worker(app: App, redis: str | None = None) -> None:
    """Be a worker process until told to stop."""
    if redis:
        queue.work(app, redis)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with background(app):
        stop.wait()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Make SIGTERM end the server as Ctrl-C does; signals belong to the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
