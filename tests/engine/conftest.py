"""An app with nothing declared, on a clock that stands still; what the engine can do by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.app import App
from engine.clock import SetClock
from engine.database import Database


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path], clock: SetClock) -> Iterator[App]:
    opened = App.open(folder({}), database, [], clock)
    yield opened
    opened.close()
