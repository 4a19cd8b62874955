"""Bell: wakes workers after a commit; a lost ring costs seconds, never a job."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol


class Bell(Protocol):
    def ring(self, job_ids: Sequence[int]) -> None:
        """Tell the workers that these jobs are ready."""

    def wait(self, seconds: float) -> None:
        """Return when rung, or after so many seconds."""


class LocalBell:
    """Rings within one process."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self, job_ids: Sequence[int]) -> None:
        self._rung.set()

    def wait(self, seconds: float) -> None:
        self._rung.wait(seconds)
        self._rung.clear()
