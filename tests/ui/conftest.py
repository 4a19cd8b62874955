"""A site to visit: the leave app with three people, and browsers that are logged in as one of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from engine import passwords, people, sessions
from engine.app import App
from engine.database import Database
from engine.principal import SYSTEM
from ui.compose import ROOMS
from ui.web import create

LEAVE = Path(__file__).parents[2] / "examples" / "leave"
PASSWORD = "a long walk in the rain"
PEOPLE = {
    "people": {
        "zhou": {"name": "周文博", "roles": ["hr"], "email": "zhou@guiju.example"},
        "lin": {"name": "林晓彤", "roles": ["staff"], "superior": "zhou", "email": "lin@guiju.example"},
        "he": {"name": "何子谦", "roles": ["staff"], "superior": "zhou", "email": "he@guiju.example"},
    }
}


@dataclass
class Site:
    """The pages of one app; `browser` answers a client that is logged in."""

    app: App
    flask: Flask

    def person(self, login: str) -> int:
        with self.app.work(SYSTEM, read=True) as work:
            found = people.find(work, login)
            assert found is not None
            return found.id

    def browser(self, login: str | None = None) -> Browser:
        token = ""
        if login is not None:
            with self.app.work(SYSTEM) as work:
                token = sessions.open(work, self.person(login), address="127.0.0.1", user_agent="test")
        client = self.flask.test_client()
        if token:
            client.set_cookie("sid", token)
        return Browser(client, token)


@dataclass
class Browser:
    """A client that sends what a browser sends with a form of ours."""

    client: FlaskClient
    token: str

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        sent = {"csrf": sessions.form_token(self.token), **(data or {})}
        return self.client.post(path, data=sent, headers=headers, **more)


def open_site(folder: Path, database: Database, given: dict[str, Any], password: str = "") -> Site:
    app = App.open(folder, database, ROOMS)
    with app.work(SYSTEM) as work:
        people.load(work, given)
        if password:
            for person in people.everyone(work):
                passwords.set_password(work, person.id, password)
    return Site(app, create(app))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    database = Database(f"sqlite:///{tmp_path}/site.sqlite3")
    yield open_site(LEAVE, database, PEOPLE)
    database.close()


@pytest.fixture
def leave(site: Site) -> int:
    """A leave request of lin that waits for zhou."""
    sent = {
        "kind": "annual",
        "first_day": "2031-03-03",
        "last_day": "2031-03-04",
        "reason": "回家",
        "flow": "leave_request",
    }
    answer = site.browser("lin").post("/records/leave/new", sent)
    assert answer.status_code == 303, answer.text
    return 1


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """The site behind a real port, for a real browser."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('served')}/site.sqlite3")
    site = open_site(LEAVE, database, PEOPLE, PASSWORD)
    server = make_server("127.0.0.1", 0, site.flask, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()
