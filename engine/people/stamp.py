"""The stamp of the organisation: whoever changes people renews it, and every process reads anew."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from engine.people.tables import stamps

if TYPE_CHECKING:
    from engine.work import Work


def renew(work: Work) -> None:
    """Make this and every later transaction read people anew."""
    stamp = uuid.uuid4().hex
    if not work.execute(update(stamps).values(stamp=stamp)).rowcount:
        work.execute(insert(stamps).values(id=1, stamp=stamp))
    work.cache["people_changed"] = True
    work.cache.pop("people", None)
