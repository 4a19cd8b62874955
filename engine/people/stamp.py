"""The stamp of the organisation: whoever changes people renews it, and every process reads anew."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from engine.people.tables import stamps

if TYPE_CHECKING:
    from engine.work import Work

_FIRST = text("INSERT INTO g_people_stamp (id, stamp) VALUES (1, :stamp) ON CONFLICT (id) DO NOTHING")


def hold(work: Work) -> None:
    """Let one change of the organisation at a time look and write, so that two together make no circle."""
    work.execute(_FIRST, {"stamp": uuid.uuid4().hex})
    work.execute(select(stamps.c.stamp).with_for_update())
    work.cache.pop("people", None)


def renew(work: Work) -> None:
    """Make this and every later transaction read people anew."""
    work.execute(update(stamps).values(stamp=uuid.uuid4().hex))
    work.cache["people_changed"] = True
    work.cache.pop("people", None)
