"""Perform: run the actions of a rule for one record, each firing whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import GuijuError, NotFound
from engine.principal import SYSTEM
from forms import records, rows
from forms.env import RecordEnv
from forms.gate import forget
from forms.record import Record
from rules import journal
from rules.actions import Action, Occasion
from rules.rule import Declared, Quiet

if TYPE_CHECKING:
    from engine.expressions import Expression
    from engine.work import Work
    from forms.form import Form

MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(minutes=5)


class Performance:
    """One rule at work on several records in one transaction; collects the firings and writes them at the end."""

    def __init__(
        self,
        work: Work,
        rule: Declared,
        why: Expression | None,
        scheduled_for: datetime | None,
        ids: Collection[int],
    ) -> None:
        self.work = work.acting(SYSTEM, work.cause.then("rule", rule.id))
        self.rule, self.why, self.scheduled_for = rule, why, scheduled_for
        self.form: Form = work.catalog["form"][rule.form]
        self.rows = rows.load(self.work, self.form, ids)
        self.entries: list[journal.Entry] = []

    def fire(
        self, record_id: int, key: str, episode: int, actions: Sequence[Action], *, step: str | None = None
    ) -> journal.Entry:
        """Run the actions for one record; a failure is noted, undone and left to be tried again."""
        quiet = getattr(self.rule, "quiet", None)
        release = quiet_until(self.work, quiet) if quiet else None
        entry = journal.Entry(key, self.rule.id, self.rule.form, record_id, episode, step)
        entry.scheduled_for = self.scheduled_for
        self.entries.append(entry)
        try:
            with self.work.part():
                record = self._record(record_id)
                entry.trace = self._trace(record)
                entry.outcome = run(self.work, self.rule, record, key, actions, hold=release is not None)
        except GuijuError as error:
            forget(self.work)
            entry.state, entry.error, entry.outcome = "error", str(error), []
            entry.release_at = self.work.now + RETRY_AFTER
            return entry
        if release is not None and any(action.outside for action in actions):
            entry.state, entry.release_at = "held", release
        return entry

    def note(self, record_id: int, key: str, episode: int, state: str, *, step: str | None = None) -> None:
        """Note something that was not done, and which kind of not done."""
        entry = journal.Entry(key, self.rule.id, self.rule.form, record_id, episode, step, state)
        entry.scheduled_for = self.scheduled_for
        self.entries.append(entry)

    def close(self) -> None:
        journal.write(self.work, self.entries)

    def _record(self, record_id: int) -> Record:
        if record_id not in self.rows:
            raise NotFound(f"{self.form.label} {record_id} 已不存在")
        return Record(self.work, self.form, self.rows[record_id])

    def _trace(self, record: Record) -> Any:
        return self.why.explain(settled(self.work, record)).to_json() if self.why else {}


def run(
    work: Work, rule: Declared, record: Record, key: str, actions: Sequence[Action], *, hold: bool = False
) -> list[dict[str, str]]:
    """Run the actions in order; with `hold` those that inform people are left for later."""
    outcome = []
    for index, action in enumerate(actions):
        if hold and action.outside:
            outcome.append({"action": action.name, "held": "免打扰时段"})
            continue
        occasion = Occasion(rule.id, rule.label, f"{key}:{index}", record, settled(work, record))
        outcome.append({"action": action.name, "did": action.run(work, occasion)})
        if not action.outside and index + 1 < len(actions):
            record = records.get(work, rule.form, record.id)
    return outcome


def settled(work: Work, record: Record) -> RecordEnv:
    """The record as it is saved, for expressions; what is computed of it is kept until something is written."""
    env = record.env(work)
    env.settled = True
    return env


def quiet_until(work: Work, quiet: Quiet) -> datetime | None:
    """The end of the quiet hours that `work.now` lies in, or None outside them."""
    local = work.now.astimezone(work.catalog.timezone)
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    now = local.time()
    over_midnight = start > end
    inside = (now >= start or now < end) if over_midnight else start <= now < end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and now >= start else 0)
    return datetime.combine(day, end, local.tzinfo)
