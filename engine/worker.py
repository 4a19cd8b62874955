"""Worker: takes ready jobs, one after another, and gives each to the handler of its kind."""

from __future__ import annotations

import logging
import random
import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.claims import BATCH, Claimed, Fenced, claim, claim_one
from engine.errors import DeliveryError
from engine.heart import Heart
from engine.principal import SYSTEM

if TYPE_CHECKING:
    from engine.app import App

log = logging.getLogger("guiju.worker")

POLL = 2.0  # seconds between two looks at the table when no bell rings


def drain(app: App, limit: int | None = None) -> int:
    """Run every job that is ready now, in this thread, and those they put; answers how many ran."""
    count = 0
    with Heart(app) as heart:
        while limit is None or count < limit:
            batch = claim(app, BATCH if limit is None else min(BATCH, limit - count))
            if not batch:
                break
            heart.hold(batch)
            for claimed in batch:
                perform(app, claimed)
            heart.hold(())
            count += len(batch)
    return count


def run_one(app: App, id: int) -> bool:
    """Run this job if it is ready; answers whether it was."""
    claimed = claim_one(app, id)
    if claimed is None:
        return False
    with Heart(app) as heart:
        heart.hold([claimed])
        perform(app, claimed)
    return True


def perform(app: App, claimed: Claimed) -> None:
    """Run one claimed job to its outcome: done, ready again later, dead, or left to a person."""
    try:
        handler = app.handlers.get(claimed.kind)
        if handler is None:
            raise DeliveryError(f"nothing here handles jobs of kind {claimed.kind!r}")  # a newer process may
        handler(app, claimed.payload, claimed)
    except Fenced as error:
        log.warning("%s", error)
    except Exception as error:
        log.warning(
            "job %s (%s) failed: %s", claimed.id, claimed.kind, error, exc_info=not isinstance(error, DeliveryError)
        )
        _failed(app, claimed, error)
    else:
        _finished(app, claimed)


def backoff(id: int, attempt: int) -> timedelta:
    """Return how long to wait after this attempt: 10 s doubling up to an hour, spread by the job's id."""
    spread = random.Random(f"{id}:{attempt}").uniform(0.8, 1.2)  # noqa: S311 - spreads load, keeps no secret
    return timedelta(seconds=min(3600.0, 10.0 * 2 ** (attempt - 1)) * spread)


class Worker:
    """Drains in the background until it is stopped."""

    def __init__(self, app: App, poll: float = POLL) -> None:
        self._app, self._poll = app, poll
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name="guiju-worker", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Let the job in hand finish and end; what it leaves behind is claimed again by whoever comes next."""
        self._stop.set()
        self._app.bell.ring([])
        if self._thread:
            self._thread.join(timeout)

    def run(self) -> None:
        """Drain, wait for the bell or the poll, and again, in this thread."""
        while not self._stop.is_set():
            try:
                while not self._stop.is_set() and drain(self._app, limit=BATCH):
                    pass
            except Exception:
                log.exception("the jobs could not be reached; trying again")
            self._app.bell.wait(self._poll)


def _finished(app: App, claimed: Claimed) -> None:
    """Close a job whose handler did not do so within its own transaction."""
    with suppress(Fenced), app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)


def _failed(app: App, claimed: Claimed, error: Exception) -> None:
    refused = isinstance(error, DeliveryError)
    if claimed.handed_over and not refused:
        state = "uncertain"
    elif (isinstance(error, DeliveryError) and error.permanent) or claimed.attempt >= claimed.max_attempts:
        state = "dead"
    else:
        state = "ready"
    words = str(error) if refused else f"{type(error).__name__}: {error}"
    try:
        with app.work(SYSTEM, cause=claimed.cause) as work:
            claimed.put_back(work, state, words[:2000], backoff(claimed.id, claimed.attempt))
    except Fenced as fenced:
        log.warning("%s", fenced)
