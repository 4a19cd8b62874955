"""The parts of the API's description that are the same for every app: fixed schemas, parameters, problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.paging import MOST
from ui.api import fieldschemas as fields

Schema = dict[str, Any]

PROBLEMS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 500, 503)


def ref(name: str, kind: str = "schemas") -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


STATUSES = ["running", "returned", "approved", "rejected", "withdrawn", "terminated"]
TEXT: Schema = {"type": "string"}
IF_MATCH = '^("[1-9][0-9]{0,17}"|\\*)$'
MAYBE: Schema = {"type": ["string", "null"]}
FIXED: Schema = {
    "g_problem": {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT,
            "errors": {
                "type": "object",
                "description": "Field to words; the empty name holds the whole request",
                "additionalProperties": {"type": "array", "items": TEXT},
            },
        },
    },
    "g_instance": {
        "type": "object",
        "required": ["id", "flow", "form", "record", "status"],
        "properties": {
            "id": fields.ID, "flow": TEXT, "flow_version": {"type": "integer"}, "form": TEXT, "record": fields.ID,
            "title": TEXT, "status": {"enum": STATUSES},
            "starter": {"type": ["integer", "null"]}, "round": {"type": "integer"}, "incident": MAYBE,
            "started_at": TEXT, "ended_at": MAYBE, "story": {"type": "array", "items": {"type": "object"}},
        },
    },
    "g_decision": {
        "type": "object",
        "required": ["decision"],
        "additionalProperties": False,
        "properties": {
            "decision": {"enum": ["approve", "reject", "return", "abstain", "resubmit", "finish"]},
            "opinion": {"type": ["string", "null"], "maxLength": 4000},
            "values": {"type": ["object", "null"], "description": "New values of fields that the step may change"},
            "to": {**MAYBE, "description": "Where a return goes: a step, start, or previous"},
            "version": {"type": ["integer", "null"], "description": "Version of the record that was looked at"},
            "result": {**MAYBE, "description": "One of the results of a single task, with `finish`"},
        },
    },
    "g_decided": {
        "type": "object",
        "required": ["task", "decision", "status", "at"],
        "properties": {
            "task": fields.ID, "instance": fields.ID, "decision": TEXT, "status": TEXT, "at": TEXT,
        },
    },
    "g_result": {
        "type": "object",
        "required": ["widget", "type", "label", "series", "lines"],
        "properties": {
            "widget": TEXT, "type": TEXT, "label": TEXT, "head": TEXT, "summary": TEXT,
            "series": {"type": "array", "items": {"type": "object"}},
            "lines": {"type": "array", "items": {"type": "object"}},
            "total": {"type": ["object", "null"]}, "change": {"type": ["object", "null"]},
        },
    },
    "g_rows": {
        "type": "object",
        "required": ["form", "records", "next"],
        "properties": {
            "form": TEXT, "records": {"type": "array", "items": {"type": "object"}}, "next": MAYBE,
            "count": {"type": "integer"}, "count_is_exact": {"type": "boolean"},
        },
    },
}  # fmt: skip


def _parameter(name: str, schema: Mapping[str, Any], description: str, place: str = "query") -> Schema:
    found = {"name": name, "in": place, "schema": dict(schema), "description": description}
    return found | ({"required": True} if place == "path" else {})


PARAMETERS: Schema = {
    "id": _parameter("id", {"type": "integer", "minimum": 1}, "Row id", "path"),
    "where": _parameter("where", TEXT, "A condition in the language of the app, such as amount > 1000"),
    "sort": _parameter("sort", TEXT, "Fields divided by commas; a leading - is descending"),
    "fields": _parameter("fields", TEXT, "Fields to answer, divided by commas; title is what a record is called"),
    "limit": _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50}, "Most records"),
    "task_limit": _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Most tasks"),
    "after": _parameter("after", TEXT, "`next` of the page before"),
    "count": _parameter("count", {"enum": ["none", "capped", "exact"], "default": "none"}, "Whether to count, too"),
    "search": _parameter("search", TEXT, "Words that stand in the search fields"),
    "as_of": _parameter("as_of", {"type": "string", "format": "date"}, "The day that is looked back to"),
    "key": _parameter("key", TEXT, "`key` of a line"),
    "series": _parameter("series", TEXT, "`id` of a series"),
    "tab": _parameter("tab", {"enum": ["open", "started", "copied", "done"], "default": "open"}, "Which tasks"),
    "if_match": {
        **_parameter("If-Match", {"type": "string", "pattern": IF_MATCH}, "The ETag that was read", "header"),
        "required": True,
    },
    "idempotency_key": _parameter(
        "Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!#-~]+$"},
        "The same key with the same request is done once", "header",
    ),
}  # fmt: skip

RESPONSES: Schema = {
    f"problem_{status}": {
        "description": "A problem",
        "content": {"application/problem+json": {"schema": ref("g_problem")}},
    }
    for status in PROBLEMS
}
