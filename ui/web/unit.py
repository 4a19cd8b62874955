"""The unit of work of a page: who is asking, and one snapshot or one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, g, request

from engine.app import App
from engine.events import Cause
from engine.principal import Principal
from engine.work import Work


def running() -> App:
    """The app that these pages show."""
    app: App = current_app.extensions["guiju"]
    return app


def me() -> Principal:
    """Who is logged in."""
    who: Principal = g.principal
    return who


@contextmanager
def reading() -> Iterator[Work]:
    """A snapshot for a page that only shows."""
    with running().work(me(), cause=Cause("page", request.path), read=True) as work:
        yield work


@contextmanager
def writing() -> Iterator[Work]:
    """A transaction for a page that changes something; an error undoes it whole."""
    with running().work(me(), cause=Cause("page", request.path)) as work:
        yield work
