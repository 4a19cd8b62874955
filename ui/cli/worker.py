"""guiju worker: one worker process of several; runs jobs and whatever falls due."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ui import compose, serve
from ui.cli import options

NAME = "worker"
HELP = "run jobs and what falls due; start as many as you like on one database"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    options.database(verb)
    options.redis(verb)


def run(given: Namespace) -> int:
    app = compose.join_app(given.app, options.database_url(given), redis=given.redis)
    serve.worker(app, redis=given.redis)
    return 0
