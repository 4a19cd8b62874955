"""Worker: takes ready jobs, one after another, and gives each to the handler of its kind."""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.claims import Claimed, Fenced, claim
from engine.errors import DeliveryError
from engine.principal import SYSTEM

if TYPE_CHECKING:
    from engine.app import App

log = logging.getLogger("guiju.worker")


def drain(app: App, limit: int | None = None) -> int:
    """Run every job that is ready now, in this thread, and those they put; answers how many ran."""
    count = 0
    while limit is None or count < limit:
        claimed = claim(app)
        if claimed is None:
            break
        perform(app, claimed)
        count += 1
    return count


def perform(app: App, claimed: Claimed) -> None:
    """Run one claimed job to its outcome: done, ready again later, or dead."""
    try:
        handler = app.handlers.get(claimed.kind)
        if handler is None:
            raise DeliveryError(f"nothing here handles jobs of kind {claimed.kind!r}", permanent=True)
        handler(app, claimed.payload, claimed)
    except Fenced as error:
        log.warning("%s", error)
    except Exception as error:
        log.warning("job %s (%s) failed", claimed.id, claimed.kind, exc_info=True)
        _failed(app, claimed, error)
    else:
        _finished(app, claimed)


def backoff(id: int, attempt: int) -> timedelta:
    """Return how long to wait after this attempt: 10 s doubling up to an hour, spread by the job's id."""
    spread = random.Random(f"{id}:{attempt}").uniform(0.8, 1.2)  # noqa: S311 - spreads load, keeps no secret
    return timedelta(seconds=min(3600.0, 10.0 * 2 ** (attempt - 1)) * spread)


def _finished(app: App, claimed: Claimed) -> None:
    """Close a job whose handler did not do so within its own transaction."""
    try:
        with app.work(SYSTEM, cause=claimed.cause) as work:
            claimed.fence(work)
    except Fenced:
        pass  # closed by its handler


def _failed(app: App, claimed: Claimed, error: Exception) -> None:
    permanent = isinstance(error, DeliveryError) and error.permanent
    state = "dead" if permanent or claimed.attempt >= claimed.max_attempts else "ready"
    try:
        with app.work(SYSTEM, cause=claimed.cause) as work:
            claimed.put_back(work, state, f"{type(error).__name__}: {error}", backoff(claimed.id, claimed.attempt))
    except Fenced as fenced:
        log.warning("%s", fenced)
