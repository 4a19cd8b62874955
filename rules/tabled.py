"""Tabled: keep a field in line with its decision table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import GuijuError
from engine.principal import SYSTEM
from forms import records
from rules import journal, sets
from rules.rule import DecisionTable

if TYPE_CHECKING:
    from engine.work import Work


def look(work: Work, table: DecisionTable, ids: Collection[int] | None = None) -> list[int]:
    """The records whose field differs from what the table says."""
    return sets.differing(work, table, ids)


def decide(work: Work, table: DecisionTable, ids: Sequence[int], scheduled_for: datetime) -> int:
    """Bring the field of these records in line; answer how many changed."""
    assert table.decided
    system = work.acting(SYSTEM, work.cause.then("rule", table.id))
    entries = []
    for record_id in ids:
        record = records.get(system, table.form, record_id)
        value = table.decided.evaluate(record.env(system))
        if value == record[table.target]:
            continue
        key = f"{table.id}:{record_id}:v{record.version}"
        entry = journal.Entry(key, table.id, table.form, record_id, 0, scheduled_for=scheduled_for)
        entries.append(entry)
        try:
            with system.connection.begin_nested():
                entry.trace = table.decided.explain(record.env(system)).to_json()
                entry.outcome = [{"action": "decide", "did": f"{record[table.target] or '—'} → {value or '—'}"}]
                records.save(system, table.form, {table.target: value}, id=record_id, version=record.version)
        except GuijuError as error:
            entry.state, entry.error, entry.outcome = "parked", str(error), []
    journal.write(system, entries)
    return len(entries)
