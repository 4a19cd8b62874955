"""guiju run: the whole product in one process, on SQLite unless told otherwise."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ui import compose, serve
from ui.cli import options

NAME = "run"
HELP = "run an app in one process: pages, API, worker and timer"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    options.database(verb)
    options.redis(verb)
    options.address(verb)
    verb.add_argument(
        "--sample", action="store_true", help="load the app's sample data, with one login per role and a sandbox clock"
    )
    verb.add_argument(
        "--sandbox", action="store_true", help="a new database gets a clock that an admin can move forward"
    )


def run(given: Namespace) -> int:
    app = compose.open_app(
        given.app, options.database_url(given), redis=given.redis, sandbox=given.sample or given.sandbox
    )
    if given.sample:
        for line in compose.load_sample(app, given.app):
            print(line)
    with serve.background(app):
        serve.web(app, given.host, given.port, proxies=given.proxies)
    return 0
