"""Records over HTTP: found, read, created, changed, deleted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from engine.errors import Conflict, InputError
from engine.idempotency import Answer
from engine.work import Work
from forms import records
from forms.form import Form
from forms.messages import say
from forms.paging import MOST
from forms.records import Page, Record
from ui.api import reading as asked
from ui.api.callers import may
from ui.api.problems import Refused
from ui.api.shapes import Shape, chosen, shape, single
from ui.api.unit import answer, me, once, reading, told, writing
from ui.web.opening import openable

blueprint = Blueprint("records", __name__)

MERGE = ("application/json", "application/merge-patch+json")
MOST_AT_ONCE = 5000
COUNTS = ("none", "capped", "exact")


@blueprint.get("/forms/<form>/records")
@may("read")
def find(form: str) -> Response:
    given = asked.query("where", "sort", "fields", "limit", "after", "count", "search")
    count = given.get("count", "none")
    if count not in COUNTS:
        raise InputError({"count": f"expected {', '.join(COUNTS)}"})
    with reading() as work:
        found = openable(work, form)
        what = chosen(work, found, asked.names(given, "fields"))
        limit = asked.number(given, "limit", 50, 1, MOST)
        page = records.find(
            work,
            form,
            where=given.get("where", "").strip() or None,
            sort=asked.names(given, "sort"),
            fields=[name for name, _ in what.computed],
            limit=limit,
            after=given.get("after") or None,
            count=count,
            search=given.get("search") or None,
        )
        return answer(listed(page, what))


def listed(page: Page, what: Shape) -> dict[str, Any]:
    """A page of records as JSON."""
    found: dict[str, Any] = {"records": [what.whole(record) for record in page.rows], "next": page.next}
    if page.total is not None:
        found |= {"count": page.total, "count_is_exact": page.total_is_exact}
    return found


@blueprint.post("/forms/<form>/records")
@may("write")
def create(form: str) -> Response:
    given = asked.body()

    def respond(work: Work) -> Answer:
        found = openable(work, form)
        record = records.save(work, form, plain(found, given))
        return Answer(201, shape(work, found).written(record))

    made = once(respond)
    place = f"{request.script_root}{request.path}/{made.response['id']}"
    return told(made, {"Location": place, "ETag": f'"{made.response["version"]}"'})


@blueprint.post("/forms/<form>/records:batch")
@may("write")
def create_many(form: str) -> Response:
    """All or none."""
    rows = asked.keys(asked.body(asked.BATCH), records=list)["records"]
    if not rows or len(rows) > MOST_AT_ONCE:
        raise InputError({"records": f"expected 1 to {MOST_AT_ONCE} records"})
    if not all(isinstance(row, dict) for row in rows):
        raise InputError({"records": "expected a list of objects"})

    def respond(work: Work) -> Answer:
        found = openable(work, form)
        return Answer(201, {"ids": records.save_many(work, form, [plain(found, row) for row in rows])})

    return told(once(respond))


@blueprint.get("/forms/<form>/records/<id>")
@may("read")
def read(form: str, id: str) -> Response:
    given = asked.query("fields")
    with reading() as work:
        found = openable(work, form)
        record = records.get(work, form, _id(id))
        what = single(work, found, asked.names(given, "fields"))
        return answer(what.whole(record), headers=_etag(record))


@blueprint.patch("/forms/<form>/records/<id>")
@may("write")
def change(form: str, id: str) -> Response:
    asked.query()
    given, version = asked.body(kinds=MERGE), asked.version_read()
    with writing() as work:
        found = openable(work, form)
        try:
            record = records.save(work, form, plain(found, given), id=_id(id), version=version)
        except Conflict as conflict:
            raise _stale(conflict, version) from conflict
        return answer(shape(work, found).written(record), headers=_etag(record))


@blueprint.delete("/forms/<form>/records/<id>")
@may("write")
def delete(form: str, id: str) -> Response:
    asked.query()
    version = asked.version_read()
    with writing() as work:
        openable(work, form)
        try:
            records.delete(work, form, _id(id), version)
        except Conflict as conflict:
            raise _stale(conflict, version) from conflict
    return Response(status=204)


def plain(form: Form, given: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with fractions as floats again in fields that keep JSON as it came."""
    loose = form.compiled.get("api json")
    if loose is None:
        loose = form.compiled["api json"] = [one.id for one in form.fields.values() if one.value_type.kind == "json"]
    for name in loose:  # type: ignore[attr-defined]
        if name in given:
            given = {**given, name: asked.floats(given[name])}
    return given


def _stale(conflict: Conflict, version: int | None) -> Refused | Conflict:
    """A version that is not the current one is the failed precondition of If-Match; other conflicts stay."""
    current = conflict.current
    if version is None or not isinstance(current, Record) or current.version == version:
        return conflict
    return Refused(412, str(conflict), version=current.version)


def _etag(record: Record) -> dict[str, str]:
    return {"ETag": f'"{record.version}"'}


def _id(text: str) -> int:
    return asked.id_of(text, say(me().locale, "记录不存在"))
