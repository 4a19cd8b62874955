"""guiju web: one web process of several that share a database."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ui import compose, serve
from ui.cli import options

NAME = "web"
HELP = "serve pages and API only; start as many as you like on one database"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    options.database(verb)
    options.redis(verb)
    options.address(verb)


def run(given: Namespace) -> int:
    app = compose.join_app(given.app, options.database_url(given), redis=given.redis)
    serve.web(app, given.host, given.port, proxies=given.proxies)
    return 0
