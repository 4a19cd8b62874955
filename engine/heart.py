"""Heart: renews the leases of the jobs that a worker holds, from a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from engine.claims import Claimed, Fenced
from engine.principal import SYSTEM

if TYPE_CHECKING:
    from engine.app import App

log = logging.getLogger("guiju.worker")

BEAT = 15.0  # seconds


class Heart:
    """Beats while it is open; starts its thread with the first job it is given to hold."""

    def __init__(self, app: App, every: float = BEAT) -> None:
        self._app, self._every = app, every
        self._held: Sequence[Claimed] = ()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Heart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def hold(self, claimed: Sequence[Claimed]) -> None:
        """Keep the leases of these jobs alive from now on, in place of those before."""
        self._held = claimed
        if claimed and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="guiju-heart", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            for claimed in self._held:
                self._beat(claimed)

    def _beat(self, claimed: Claimed) -> None:
        try:
            with self._app.work(SYSTEM, cause=claimed.cause) as work:
                claimed.beat(work)
        except Fenced:
            log.debug("job %s is done, or in other hands: then the fence will say so", claimed.id)
        except Exception:
            log.warning("the lease of job %s was not renewed; trying again", claimed.id, exc_info=True)
