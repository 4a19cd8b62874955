"""Batches: a file that was uploaded, its plan, and what became of it; re-running a file adds nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, Column, Integer, LargeBinary, String, Table, insert, select, update

from engine.errors import AccessDenied, Conflict, GuijuError, InputError, NotFound
from engine.events import Cause
from engine.tables import Id, Instant, metadata
from forms import access, query, records
from forms.gate import forget
from forms.imports.plan import Plan, Row, plan
from forms.imports.sheets import read
from forms.messages import say

if TYPE_CHECKING:
    from engine.work import Work
    from forms.form import Form

REHEARSED = 5_000  # rows that are saved on trial before they are shown

table = Table(
    "g_import",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("form", String(64), nullable=False),
    Column("file", String(300), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("key", String(64)),
    Column("state", String(16), nullable=False),  # ready, done, undone
    Column("data", LargeBinary, nullable=False),
    Column("created", JSON, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("by_id", Id),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
)


@dataclass(frozen=True)
class Batch:
    """One import; `created` are the ids of the records that it made."""

    id: int
    form: str
    file: str
    key: str | None
    state: str
    created: list[int]
    updated: int
    skipped: int
    by_id: int | None
    at: datetime
    done_at: datetime | None


def put(work: Work, form_id: str, data: bytes, file: str, key: str | None = None) -> tuple[Batch, Plan]:
    """Keep an uploaded file and answer what importing it would do. Nothing is written to the form yet."""
    form = _allowed(work, form_id)
    made = plan(work, form, read(data, file), key)
    rehearse(work, made)
    digest = hashlib.sha256(data).hexdigest()
    row: dict[str, object] = {
        "form": form.id,
        "file": file[:300],
        "hash": digest,
        "key": key,
        "state": "ready",
        "data": data,
    }
    row |= {"created": [], "updated": 0, "skipped": 0, "by_id": work.principal.id, "at": work.now}
    id = work.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
    return get(work, id), made


def get(work: Work, id: int) -> Batch:
    """A batch of this person, or of anyone for who may import into its form."""
    columns = [table.c[name] for name in Batch.__dataclass_fields__]
    row = work.execute(select(*columns).where(table.c.id == id)).first() if 0 < id < 2**63 else None
    if row is None:
        raise NotFound("没有这次导入")
    _allowed(work, row.form)
    return Batch(**row._mapping)


def preview(work: Work, id: int) -> Plan:
    """Read the kept file again, as the data stands now."""
    batch = get(work, id)
    data = work.execute(select(table.c.data).where(table.c.id == id)).scalar_one()
    return plan(work, _allowed(work, batch.form), read(data, batch.file), batch.key)


def rehearse(work: Work, made: Plan) -> None:
    """Find what only saving tells, such as empty required fields and guards: save the rows, and take them back.

    A large file would hold up everybody twice; of it, this is told when it is taken.
    """
    if len(made.rows) > REHEARSED:
        return
    tried = work.connection.begin_nested()
    try:
        write(work.acting(work.principal, Cause("initial", "rehearsal")), made, keep_good=True)
    finally:
        tried.rollback()
        forget(work)
    made.rows = [row for row in made.rows if row.number not in made.wrong_rows]


def apply(work: Work, id: int, *, keep_good: bool = False, takeover: bool = False) -> tuple[Batch, Plan]:
    """Write the rows of a batch, all of them or none; with `keep_good` the rows without a mistake.

    With `takeover` the rows are data of the past: rules do not speak about them before their next scheduled run.
    The same file is taken once: Conflict when this batch, or one of the same content, is done already.
    Raises InputError with the plan in `more` when there are mistakes and not only the good rows are wanted.
    """
    batch = get(work, id)
    _once(work, batch)
    made = preview(work, id)
    refuse_if_wrong(made, keep_good)
    hand = work.acting(work.principal, Cause("initial", f"import:{id}", work.cause.chain)) if takeover else work
    created, updated = write(hand, made, keep_good=keep_good)
    refuse_if_wrong(made, keep_good)
    skipped = len(made.wrong_rows)
    values = {"state": "done", "created": created, "updated": updated, "skipped": skipped, "done_at": work.now}
    work.execute(update(table).where(table.c.id == id).values(**values))
    return get(work, id), made


def write(work: Work, made: Plan, *, keep_good: bool = False) -> tuple[list[int], int]:
    """Save the rows of a plan, new ones together; a row that is refused is told in the plan and leaves no trace."""
    created = _create(work, made, [row for row in made.rows if row.id is None], keep_good)
    updated = 0
    for row in made.rows:
        if row.id is None:
            continue
        try:
            with work.connection.begin_nested():
                records.save(work, made.form.id, row.values, id=row.id)
                updated += 1
        except InputError as error:
            _tell(made, row, error.fields)
    return created, updated


def _create(work: Work, made: Plan, rows: list[Row], keep_good: bool) -> list[int]:
    """Make the new records at once; with `keep_good` again without the refused ones, until the rest stands."""
    while rows:
        try:
            with work.connection.begin_nested():
                return records.save_many(work, made.form.id, [row.values for row in rows])
        except InputError as error:
            refused: Mapping[int, Mapping[str, list[str]]] = error.more.get("rows") or {0: error.fields}
            for number, words in refused.items():
                _tell(made, rows[number], words)
            rows = [row for number, row in enumerate(rows) if number not in refused] if keep_good else []
    return []


def _tell(made: Plan, row: Row, mistakes: Mapping[str, list[str]]) -> None:
    for name, words in mistakes.items():
        made.refuse(row.number, made.index(name), " ".join(words), row.values.get(name, ""))


def refuse_if_wrong(made: Plan, keep_good: bool) -> None:
    """Stop the whole import at its mistakes, unless only the good rows are wanted and the headings are right."""
    if made.mistakes and (not keep_good or 1 in made.wrong_rows):
        count = len(made.wrong_rows)
        raise InputError({"file": f"{count} 行有误，没有导入任何数据"}, plan=made)


def undo(work: Work, id: int) -> int:
    """Take the records that a batch made out of sight again; answers how many. Those changed or used since are kept.

    Who made the batch may do this without the right to delete, others need it.
    """
    batch = get(work, id)
    if batch.state != "done":
        raise Conflict("这次导入还没有完成，或已撤销", batch)
    if batch.by_id != work.principal.id and not access.may(work.principal, query.form_of(work, batch.form), "delete"):
        raise AccessDenied("只有导入的人可以撤销")
    own = work.acting(replace(work.principal, system=True), work.cause.then("import", str(id)))
    gone = sum(_take_back(own, batch.form, record_id) for record_id in reversed(batch.created))
    if not gone:
        raise Conflict("没有可以撤销的记录：都已被修改或引用", batch)
    work.execute(update(table).where(table.c.id == id).values(state="undone"))
    return gone


def _take_back(work: Work, form: str, id: int) -> bool:
    """Delete a record that is as it was imported."""
    try:
        with work.connection.begin_nested():
            record = records.get(work, form, id)
            if record.version == 1:
                records.delete(work, form, id, record.version)
            return record.version == 1
    except GuijuError:  # gone already, or others refer to it
        return False


def recent(work: Work, form_id: str, limit: int = 5) -> list[Batch]:
    """The latest imports into a form that were taken, newest first."""
    form = _allowed(work, form_id)
    columns = [table.c[name] for name in Batch.__dataclass_fields__]
    asked = select(*columns).where(table.c.form == form.id, table.c.done_at.is_not(None))
    return [Batch(**row._mapping) for row in work.execute(asked.order_by(table.c.id.desc()).limit(limit))]


def _once(work: Work, batch: Batch) -> None:
    same = select(table.c.hash).where(table.c.id == batch.id).scalar_subquery()
    twin = work.execute(
        select(table.c.id, table.c.done_at).where(
            table.c.hash == same, table.c.form == batch.form, table.c.state == "done"
        )
    ).first()
    if twin is not None:
        raise Conflict(f"这个文件已于 {twin.done_at.astimezone(work.catalog.timezone):%Y-%m-%d %H:%M} 导入", batch)


def _allowed(work: Work, form_id: str) -> Form:
    form = query.form_of(work, form_id)
    if not access.may(work.principal, form, "import"):
        raise AccessDenied(say(work.principal.locale, "没有导入{label}的权限", label=form.label))
    return form
