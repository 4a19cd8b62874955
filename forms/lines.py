"""Lines: the rows of the tables inside a record, saved with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import InputError
from engine.expressions import Expression
from forms import checking, plan, rows, values
from forms.env import RecordEnv
from forms.form import Field, Form
from forms.messages import say

if TYPE_CHECKING:
    from engine.work import Work

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def accept(work: Work, form: Form, full: Row, given: Mapping[str, Any], mistakes: values.Mistakes) -> Tables:
    """The typed rows of every table that was given; they also stand in `full`, for the checks of the record."""
    tables: Tables = {}
    for field in form.lines:
        asked = field.id in given or "id" not in full
        if field.required is True and asked and not full.get(field.id) and field.id not in mistakes:
            mistakes[field.id] = [say(work.principal.locale, "请填写")]
        if field.id not in given or field.id in mistakes:
            continue
        found: list[Row] = []
        for number, row in enumerate(full.get(field.id) or (), 1):
            found.append(_row(work, field, row, number, mistakes))
        full[field.id] = tables[field.id] = found
    return tables


def _row(work: Work, field: Field, given: Mapping[str, Any], number: int, mistakes: values.Mistakes) -> Row:
    form, wrong = field.lines, dict[str, list[str]]()
    assert form is not None
    own = {name: value for name, value in given.items() if name not in ("id", "parent", "position")}
    row: Row = {**plan.of(work, form).empty, **values.accept(work, form, own, wrong)}
    env = RecordEnv(work, form, row)
    for one in form.stored:
        if one.default is not None and one.id not in own:
            row[one.id] = one.default.evaluate(env) if isinstance(one.default, Expression) else one.default
    values.resolve(work, form, row, own, wrong, None)
    checking.of(form).run(work, env, row.keys(), wrong, new=True)
    for words in values.numbered(form, wrong, number, work.principal.locale).values():
        mistakes.setdefault(field.id, []).extend(words)
    if given.get("id") is not None:
        row["id"] = given["id"]
    row["position"] = number
    return row


def stored(work: Work, form: Form, id: int, tables: Tables) -> Tables:
    """The rows that stand now, of the tables that are being written."""
    return {name: rows.children(work, _table(form, name), "parent", [id])[id] for name in tables}


def _table(form: Form, name: str) -> Form:
    found = form.fields[name].lines
    assert found is not None
    return found


def write(work: Work, form: Form, id: int, tables: Tables, before: Tables) -> dict[str, tuple[Any, Any]]:
    """Bring the rows in line with what was given: changed by id, added without, gone when left out.

    Answers the rows before and after of each table that changed.
    """
    changes: dict[str, tuple[Any, Any]] = {}
    for name, wanted in tables.items():
        table, old = _table(form, name), before.get(name, [])
        made, known = plan.of(work, table), {row["id"]: row for row in old}
        shown = [_shown(row, made) for row in old]
        for number, row in enumerate(wanted, 1):
            if row.get("id") is not None and row["id"] not in known:
                words = say(
                    work.principal.locale,
                    "第 {row} 行: {words}",
                    row=number,
                    words=say(work.principal.locale, "这行不存在"),
                )
                raise InputError({name: words})
        for gone in known.keys() - {row.get("id") for row in wanted}:
            work.driver(f"DELETE FROM {made.table} WHERE id = :id", {"id": gone})
        for row in wanted:
            _put(work, made, id, row, known.get(row.get("id")))
        after = [_shown(row, made) for row in wanted]
        if after != shown:
            changes[name] = (shown, after)
    return changes


def _put(work: Work, made: plan.Plan, parent: int, row: Row, old: Row | None) -> None:
    if old is None:
        encoded = {
            **made.encode({name: row[name] for name in made.empty}),
            "parent": parent,
            "position": row["position"],
        }
        row["id"] = work.driver(made.insert, encoded).fetchone()[0]
        return
    changed = [name for name in ("position", *made.empty) if row[name] != old[name]]
    if changed:
        encoded = made.encode({name: row[name] for name in changed})
        work.driver(made.update(changed), {**encoded, "id": row["id"]})


def _shown(row: Row, made: plan.Plan) -> Row:
    return {"id": row.get("id")} | {name: row[name] for name in made.empty if row[name] is not None}
