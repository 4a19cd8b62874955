"""OpenAPI 3.1 of the running app, made from its catalog: what the holder of this key may see of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response

from engine.catalog import Catalog
from engine.principal import Principal
from forms import access
from forms.form import Form
from reports.report import Report
from ui.api import fieldschemas as fields
from ui.api import reading as asked
from ui.api.callers import may
from ui.api.components import FIXED, PARAMETERS, RESPONSES, TEXT, ref
from ui.api.unit import answer, me, running

blueprint = Blueprint("openapi", __name__)
Schema = dict[str, Any]

WRITING = (400, 404, 409, 413, 415, 422)
MERGE = ("application/json", "application/merge-patch+json")


@blueprint.get("/openapi.json")
@may("read")
def show() -> Response:
    asked.query()
    catalog, who = running().catalog, me()
    name = (catalog.hash, who.system, who.roles)
    if name not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = document(catalog, who)
    return answer(_kept[name])


_kept: dict[tuple[str, bool, frozenset[str]], Schema] = {}
MOST_KEPT = 32


def document(catalog: Catalog, principal: Principal) -> Schema:
    """The whole description for one reader: the forms, flows and reports that are open to them."""
    seen = [
        form for form in catalog["form"].values() if any(access.may(principal, form, v) for v in ("read", "create"))
    ]
    paths: Schema = {}
    for form in seen:
        paths |= _form_paths(form)
    known = {form.id for form in seen}
    for flow in catalog["flow"].values():
        if flow.form.id in known:
            paths |= _flow_paths(flow.id, catalog.label(flow.label), flow.form.id)
    for report in catalog["report"].values():
        if report.opens(principal):
            paths |= _report_paths(report)
    schemas = {name: one for form in seen for name, one in fields.schemas(principal, form).items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": catalog.title, "version": catalog.version, "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": paths | _task_paths() | SANDBOX | SELF,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key, ak_..."}},
            "schemas": FIXED | schemas,
            "parameters": PARAMETERS,
            "responses": RESPONSES,
        },
    }


ABOUT = (
    "Records, flows, tasks and reports of the app, with the rights of the person for whom the key was made. "
    "Errors are problem details (RFC 9457). A POST with an Idempotency-Key is done once. "
    "PATCH and DELETE need If-Match with the ETag that was read."
)


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _answers(status: int, description: str, schema: Schema | None = None, *problems: int) -> Schema:
    done: Schema = {"description": description}
    if schema is not None:
        done["content"] = _json(schema)
    told: Schema = {str(status): done}
    told |= {str(number): ref(f"problem_{number}", "responses") for number in (401, 403, 500, 503, *problems)}
    return dict(sorted(told.items()))


def _body(schema: Schema) -> Schema:
    return {"required": True, "content": _json(schema)}


def _operation(id: str, summary: str, answers: Schema, parameters: Iterable[Schema] = (), **more: Any) -> Schema:
    found = {"operationId": id, "summary": summary, "responses": answers}
    return found | ({"parameters": list(parameters)} if parameters else {}) | more


def _form_paths(form: Form) -> Schema:
    one, new, tag = ref(form.id), ref(f"{form.id}_new"), {"tags": [form.label]}
    page = {
        "type": "object",
        "required": ["records", "next"],
        "properties": {
            "records": {"type": "array", "items": one},
            "next": {"type": ["string", "null"], "description": "`after` of the next page"},
            "count": {"type": "integer"},
            "count_is_exact": {"type": "boolean"},
        },
    }
    several = {
        "type": "object",
        "required": ["records"],
        "additionalProperties": False,
        "properties": {"records": {"type": "array", "items": new, "minItems": 1, "maxItems": 5000}},
    }
    ids = {"type": "object", "required": ["ids"], "properties": {"ids": {"type": "array", "items": fields.ID}}}
    lists = [ref(name, "parameters") for name in ("where", "sort", "fields", "limit", "after", "count", "search")]
    id_, fields_ = ref("id", "parameters"), ref("fields", "parameters")
    match, once = ref("if_match", "parameters"), ref("idempotency_key", "parameters")
    f, base = form.id, f"/forms/{form.id}/records"
    return {
        base: {
            "get": _operation(f"find_{f}", f"Find {f}", _answers(200, "A page", page, 400, 404, 422), lists, **tag),
            "post": _operation(
                f"create_{f}",
                f"Create {f}",
                _answers(201, "Created", one, *WRITING),
                [once],
                requestBody=_body(new),
                **tag,
            ),
        },
        f"{base}:batch": {
            "post": _operation(
                f"create_many_{f}",
                f"Create many {f}, all or none",
                _answers(201, "Created", ids, *WRITING),
                [once],
                requestBody=_body(several),
                **tag,
            )
        },
        f"{base}/{{id}}": {
            "get": _operation(
                f"read_{f}", f"Read one {f}", _answers(200, "The record", one, 400, 404, 422), [id_, fields_], **tag
            ),
            "patch": _operation(
                f"change_{f}",
                f"Change one {f}",
                _answers(200, "Changed", one, *WRITING, 412, 428),
                [id_, match],
                requestBody={"required": True, "content": {kind: {"schema": new} for kind in MERGE}},
                **tag,
            ),
            "delete": _operation(
                f"delete_{f}",
                f"Delete one {f}",
                _answers(204, "Deleted", None, 400, 404, 409, 412, 422, 428),
                [id_, match],
                **tag,
            ),
        },
    }


def _flow_paths(id: str, label: str, form: str) -> Schema:
    given = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"record": fields.ID, "values": ref(f"{form}_new")},
        "anyOf": [{"required": ["record"]}, {"required": ["values"]}],
    }
    tag, once = {"tags": [label]}, ref("idempotency_key", "parameters")
    base = f"/flows/{id}/instances"
    return {
        base: {
            "post": _operation(
                f"start_{id}",
                f"Start {id}",
                _answers(201, "Started", ref("g_instance"), *WRITING),
                [once],
                requestBody=_body(given),
                **tag,
            )
        },
        f"{base}/{{id}}": {
            "get": _operation(
                f"instance_of_{id}",
                f"Read one instance of {id}",
                _answers(200, "It", ref("g_instance"), 400, 404),
                [ref("id", "parameters")],
                **tag,
            )
        },
    }


def _report_paths(report: Report) -> Schema:
    filters = [
        {"name": id, "in": "query", "schema": {"type": "string"}, "description": one.label}
        for id, one in report.filters.items()
    ]
    asked = [*filters, ref("as_of", "parameters")]
    more = [ref(name, "parameters") for name in ("key", "series", "limit", "after")]
    paths: Schema = {}
    for widget in report.widgets.values():
        name, base = f"{report.id}_{widget.id}", f"/reports/{report.id}/widgets/{widget.id}"
        paths[base] = {
            "get": _operation(
                f"widget_{name}",
                widget.label,
                _answers(200, "It", ref("g_result"), 400, 404, 422),
                asked,
                tags=[report.label],
            )
        }
        paths[f"{base}/rows"] = {
            "get": _operation(
                f"rows_{name}",
                f"The records behind {widget.label}",
                _answers(200, "A page", ref("g_rows"), 400, 404, 422),
                [*asked, *more],
                tags=[report.label],
            )
        }
    return paths


def _task_paths() -> Schema:
    tag = {"tags": ["tasks"]}
    listed = {
        "type": "object",
        "required": ["tasks", "next"],
        "properties": {
            "tasks": {"type": "array", "items": {"type": "object"}},
            "next": {"type": ["string", "null"]},
        },
    }
    asked = [ref(name, "parameters") for name in ("tab", "task_limit", "after")]
    id_, once = ref("id", "parameters"), ref("idempotency_key", "parameters")
    return {
        "/tasks": {"get": _operation("tasks", "Tasks", _answers(200, "A page", listed, 400, 422), asked, **tag)},
        "/tasks/{id}": {
            "get": _operation("task", "Read one task", _answers(200, "It", {"type": "object"}, 400, 404), [id_], **tag)
        },
        "/tasks/{id}/decisions": {
            "post": _operation(
                "decide",
                "Decide a task",
                _answers(201, "Decided", ref("g_decided"), *WRITING),
                [id_, once],
                requestBody=_body(ref("g_decision")),
                **tag,
            )
        },
    }


CLOCK: Schema = {
    "type": "object",
    "required": ["now"],
    "properties": {
        "now": TEXT,
        "movable": {"type": "boolean"},
        "to": TEXT,
        "days": {"type": "array", "items": {"type": "object"}},
    },
}
SANDBOX: Schema = {
    "/sandbox/clock": {
        "get": _operation("clock", "What the clock shows", _answers(200, "It", CLOCK, 400), tags=["sandbox"]),
        "post": _operation(
            "move_clock",
            "Move the sandbox clock forward",
            _answers(200, "Moved", CLOCK, 400, 409, 413, 415, 422),
            [ref("idempotency_key", "parameters")],
            requestBody=_body(
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "to": {"type": "string", "format": "date-time"},
                        "days": {"type": "integer", "minimum": 1, "maximum": 400},
                    },
                    "oneOf": [{"required": ["to"]}, {"required": ["days"]}],
                }
            ),
            tags=["sandbox"],
        ),
    }
}
SELF: Schema = {
    "/openapi.json": {
        "get": _operation("openapi", "This description", _answers(200, "It", {"type": "object"}, 400), tags=["about"])
    }
}
