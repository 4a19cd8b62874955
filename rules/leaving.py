"""Leaving: the episode of a rule or ladder ends for records that no longer meet its condition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rules import latches
from rules.perform import Performance
from rules.rule import Ladder, Rule

if TYPE_CHECKING:
    from engine.work import Work


def leave(work: Work, rule: Rule | Ladder, ids: Sequence[int], scheduled_for: datetime) -> int:
    """End the episode of these records and run what is declared for the exit; answer how many exits ran."""
    episodes = latches.leave(work, rule.id, ids)
    performance = Performance(work, rule, rule.reason, scheduled_for, episodes if rule.on_exit else ())
    for record_id, episode in episodes.items():
        if record_id in performance.rows:
            key = f"{rule.id}:{record_id}:{episode}:exit"
            performance.fire(record_id, key, episode, rule.on_exit, step="exit")
    performance.close()
    return len(performance.entries)
