"""Batch: many new records in one go, all or none; each is checked as if it came alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine import history
from engine.errors import GuardRefused, InputError
from engine.events import Event
from forms import checking, plan, query, search, serials, values, writing
from forms.env import RecordEnv
from forms.fields import BadValue
from forms.form import Form
from forms.gate import Gate, forget
from forms.messages import say
from forms.storage import SEARCH

if TYPE_CHECKING:
    from engine.work import Work

Values = dict[str, Any]
Wrong = dict[int, values.Mistakes]
BATCHED = {"batched": True}  # the event of one record; `records.created` follows and tells of all together


def create_many(work: Work, form: Form, given: Sequence[Mapping[str, Any]]) -> list[int]:
    """Write new records and answer their ids in order.

    Raises InputError whose `more["rows"]` maps the number of each wrong row, from 0, to words by field; nothing is
    written then.
    """
    made, wrong = plan.of(work, form), Wrong()
    family: list[RecordEnv] = []
    for number, row in enumerate(given):
        mistakes: values.Mistakes = {}
        full: Values = {**made.empty, **values.accept(work, form, row, mistakes)}
        family.append(RecordEnv(work, form, full, family))
        writing.defaults(form, family[-1], full, row)
        if mistakes:
            wrong[number] = mistakes
    _resolve(work, form, family, given, wrong)
    checks = checking.of(form)
    for number, env in enumerate(family):
        mistakes = wrong.get(number, {})
        checks.run(work, env, made.empty.keys(), mistakes, new=True)
        if mistakes:
            wrong[number] = mistakes
    _unique(work, form, made, family, wrong)
    _refuse(work, wrong)
    fulls: list[Values] = [dict(env.values) for env in family]
    for field in form.stored:
        if field.type.name == "serial":
            blank = [full for full in fulls if full[field.id] is None]
            for full, text in zip(blank, serials.numbers(work, form, field, len(blank)), strict=True):
                full[field.id] = text
    return _write(work, form, made, fulls)


def _write(work: Work, form: Form, made: plan.Plan, fulls: list[Values]) -> list[int]:
    gate = Gate(work, form, {})
    gate.before_many((None, full, made.empty.keys()) for full in fulls)
    with writing.undone_when_refused(work, gate):
        ids = _insert(work, form, made, fulls)
        forget(work)
        try:
            gate.after(ids)
        except GuardRefused as refused:
            owner = refused.more["owner"]
            written = ({**full, "id": id} for id, full in zip(ids, fulls, strict=True))
            owned = [number for number, row in enumerate(written) if gate.touches(row, refused.guard, owner)]
            _refuse(work, {number: {"": [refused.message]} for number in owned})
            raise
    changes = [{name: (None, value) for name, value in full.items() if value is not None} for full in fulls]
    history.write_many(work, form.id, "created", [(id, 1, told) for id, told in zip(ids, changes, strict=True)])
    for id, told in zip(ids, changes, strict=True):
        work.publish(Event("record.created", form.id, id, told, BATCHED))
    work.publish(Event("records.created", form.id, data={"ids": tuple(ids)}))
    return ids


def _insert(work: Work, form: Form, made: plan.Plan, fulls: list[Values]) -> list[int]:
    ids = made.next_ids(work, len(fulls))
    at, who = work.stamp["at"], work.principal.id
    common = {"version": 1, "created_at": at, "created_by": who, "updated_at": at, "updated_by": who}
    rows = []
    for id, full in zip(ids, fulls, strict=True):
        row = {"id": id, **common, **made.encode(full)}
        if made.storage.searchable:
            row[SEARCH] = search.text(form, full)
        rows.append(row)
    made.insert_many(work, rows)
    return ids


def _resolve(
    work: Work, form: Form, family: Sequence[RecordEnv], given: Sequence[Mapping[str, Any]], wrong: Wrong
) -> None:
    """Check what rows refer to, each record, person and department once for the whole batch."""
    for field in form.stored:
        kind = field.type.name
        if kind not in ("reference", "person", "department"):
            continue
        named = [n for n, row in enumerate(given) if field.id in row and family[n].values[field.id] is not None]
        wanted = {family[n].values[field.id] for n in named}
        words = say(work.principal.locale, "记录不存在或不可见")
        if kind == "reference":
            bad = wanted - query.visible_many(work, field.type.form, wanted)  # type: ignore[attr-defined]
        else:
            bad = set()
            for value in wanted:
                try:
                    values.exists(work, field, value)
                except BadValue as told:
                    bad.add(value)
                    words = told.words(work.principal.locale)
        for number in named:
            if family[number].values[field.id] in bad:
                wrong.setdefault(number, {}).setdefault(field.id, []).append(words)


def _unique(work: Work, form: Form, made: plan.Plan, family: Sequence[RecordEnv], wrong: Wrong) -> None:
    """Tell rows whose value another record, or an earlier row of the batch, already has."""
    words = say(work.principal.locale, "不能与已有记录重复")
    for group in [*((field.id,) for field in form.stored if field.unique), *form.unique]:
        seen = taken(work, made, group, family)
        for number, env in enumerate(family):
            key = tuple(env.values[name] for name in group)
            if None in key:
                continue
            if key in seen:
                wrong.setdefault(number, {}).setdefault(group[0], []).append(words)
            seen.add(key)


def taken(work: Work, made: plan.Plan, group: Sequence[str], family: Sequence[RecordEnv]) -> set[tuple[Any, ...]]:
    """The values of these fields that records already have, among those that the batch brings."""
    first = {env.values[group[0]] for env in family} - {None}
    found: set[tuple[Any, ...]] = set()
    columns, wanted = ", ".join(made.column(name) for name in group), sorted(first, key=str)
    for start in range(0, len(wanted), 500):
        holes = {
            f"v{n}": made.encode({group[0]: value})[group[0]] for n, value in enumerate(wanted[start : start + 500])
        }
        among = ", ".join(f":{name}" for name in holes)
        sql = f"SELECT {columns} FROM {made.table} WHERE {made.column(group[0])} IN ({among}) AND deleted_at IS NULL"
        for row in work.driver(sql, holes).fetchall():
            found.add(tuple(made.value(name, value) for name, value in zip(group, row, strict=True)))
    return found


def _refuse(work: Work, wrong: Wrong) -> None:
    if wrong:
        told = say(work.principal.locale, "{count} 行有误", count=len(wrong))
        raise InputError({"": told}, rows=dict(sorted(wrong.items())))
