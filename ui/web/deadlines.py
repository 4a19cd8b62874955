"""Deadlines: only what is due today or late gets a colour; later dates stay plain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.work import Work
from ui.web.templating import t
from ui.web.times import length, said


@dataclass(frozen=True, slots=True)
class Deadline:
    words: str
    tone: str


def deadline(work: Work, due: datetime | None) -> Deadline | None:
    """How much time is left, in words."""
    if due is None:
        return None
    if due < work.now:
        return Deadline(t("已超时 {span}", span=length(work.now - due)), "bad")
    today = due.astimezone(work.catalog.timezone).date() == work.today
    return Deadline(said(work, due), "warn" if today else "")
