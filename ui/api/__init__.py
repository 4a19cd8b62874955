"""HTTP API: JSON under /api/v1, for programs that hold a key; the same doors as the pages, and no cookies."""

from __future__ import annotations

from flask import Flask, Response

from engine.app import App
from ui.api import flows, openapi, records, reports, sandbox
from ui.api.callers import Seen, let_in
from ui.api.problems import answer_errors
from ui.api.reading import BATCH
from ui.web.access import refuse_unmarked

PREFIX = "/api/v1"


def create(app: App) -> Flask:
    """Return the API of a running app; raises Unmarked when a route says not who may call it."""
    flask = Flask("ui.api", static_folder=None, template_folder=None)
    flask.config.update(MAX_CONTENT_LENGTH=BATCH, PROVIDE_AUTOMATIC_OPTIONS=False)
    flask.url_map.strict_slashes = True
    flask.url_map.merge_slashes = False
    flask.extensions["guiju"], flask.extensions["guiju.keys"] = app, Seen()
    answer_errors(flask)
    flask.before_request(let_in)
    flask.after_request(_headers)
    for blueprint in (records.blueprint, flows.blueprint, reports.blueprint, sandbox.blueprint, openapi.blueprint):
        flask.register_blueprint(blueprint)
    refuse_unmarked(flask)
    return flask


def _headers(response: Response) -> Response:
    headers = response.headers
    headers["Cache-Control"] = "no-store"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response
