"""Web: the pages and the API of a running app, as one Flask application."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.app import App
from ui import api
from ui.web import errors, gate, static
from ui.web.access import refuse_unmarked
from ui.web.headers import add_headers
from ui.web.pages import PAGES
from ui.web.templating import words_for_templates

MAX_BODY = 32 * 1024 * 1024


def create(app: App, *, proxies: int = 0) -> Flask:
    """Return the Flask application of a running app; raises Unmarked when a route says not who may call it.

    `proxies` is the number of trusted reverse proxies in front, whose X-Forwarded-* headers then count.
    """
    flask = Flask("ui", static_folder=None, template_folder="templates")
    flask.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024, MAX_FORM_PARTS=5000)
    flask.extensions["guiju"] = app
    flask.jinja_env.undefined = StrictUndefined
    flask.jinja_env.trim_blocks = flask.jinja_env.lstrip_blocks = True
    words_for_templates(flask)
    errors.answer(flask)
    flask.before_request(gate.let_in)
    flask.after_request(add_headers)
    for blueprint in (static.blueprint, *PAGES):
        flask.register_blueprint(blueprint)
    refuse_unmarked(flask)
    flask.wsgi_app = DispatcherMiddleware(flask.wsgi_app, {api.PREFIX: api.create(app)})  # type: ignore[method-assign]
    if proxies:
        flask.wsgi_app = ProxyFix(flask.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return flask
