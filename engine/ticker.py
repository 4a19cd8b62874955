"""Ticker: lets every room do what has fallen due, every few seconds; any number of processes may run one."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.app import App

log = logging.getLogger("guiju.ticker")

EVERY = 4.0  # seconds


class Ticker:
    """A thread that calls `app.due()`; who does a piece of due work is settled by a row, not by who ticks."""

    def __init__(self, app: App, every: float = EVERY) -> None:
        self._app, self._every = app, every
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name="guiju-ticker", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout)

    def run(self) -> None:
        """Tick until stopped; the first tick is at once, so that a restart catches up."""
        while True:
            try:
                self._app.due()
            except Exception:
                log.exception("some of what is due could not be done; it is due again at the next tick")
            if self._stop.wait(self._every):
                return
