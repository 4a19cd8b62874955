"""Audit: rows that cannot be changed, secrets that are not in them, and a chain that shows tampering."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from engine import audit, seals
from engine.app import App
from engine.events import Cause
from engine.principal import SYSTEM, Principal

WANG = Principal(7, "wang", "王")


@pytest.fixture
def written(app: App) -> App:
    """Ten rows in two sealed batches, after the row that publishing has left."""
    for batch in (range(5), range(5, 10)):
        for number in batch:
            with app.work(WANG, cause=Cause("page")) as work:
                audit.write(work, "record.update", f"customer:{number}", {"amount": number})
        seals.seal(app)
    return app


def test_rows_say_who_did_what(written: App) -> None:
    with written.work(SYSTEM, read=True) as work:
        found = audit.rows(work, limit=2)
        assert [(r.action, r.subject, r.actor, r.detail) for r in found] == [
            ("record.update", "customer:9", "王", {"amount": 9}),
            ("record.update", "customer:8", "王", {"amount": 8}),
        ]
        assert [r.subject for r in audit.rows(work, limit=1, before=found[1].id)] == ["customer:7"]
        assert [r.action for r in audit.rows(work, action="config.")] == ["config.publish"]
        assert len(audit.rows(work, subject="customer:3")) == 1


def test_secrets_are_struck_out_at_any_depth(app: App) -> None:
    detail = {"login": "wang", "password": "CANARY", "new": {"api_key": "CANARY", "list": [{"TOTP_seed": "CANARY"}]}}
    with app.work(WANG) as work:
        audit.write(work, "person.change", "person:7", detail)
    with app.work(WANG, read=True) as work:
        row = audit.rows(work, limit=1)[0]
    assert row.detail == {"login": "wang", "password": "***", "new": {"api_key": "***", "list": [{"TOTP_seed": "***"}]}}


def test_a_subject_that_a_stranger_typed_is_kept_in_bounds(app: App) -> None:
    with app.work(WANG) as work:
        audit.write(work, "login.refused", "login:\0\r\n" + "x" * 10_000, {"name": "\0\r\n\x1b[31m"})
        row = audit.rows(work, limit=1)[0]
    assert (row.subject[:9], len(row.subject), row.detail) == ("login: \r\n", 300, {"name": "\0\r\n\x1b[31m"})


@pytest.mark.parametrize("table", ["g_audit", "g_audit_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_remove(written: App, table: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"), written.work(SYSTEM) as work:
        work.driver(statement.format(table))


def test_an_untouched_chain_verifies(written: App) -> None:
    with written.work(SYSTEM, read=True) as work:
        assert seals.verify(work) == []
        assert work.driver("SELECT count(*), max(last_id) FROM g_audit_seal").fetchone()[0] == 2
    assert seals.seal(written) == 0


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE g_audit SET detail = '{}' WHERE subject = 'customer:2'", "are not what was sealed"),
        ("UPDATE g_audit SET actor = '李' WHERE subject = 'customer:7'", "are not what was sealed"),
        ("DELETE FROM g_audit WHERE subject = 'customer:9'", "are not what was sealed: 5 were, 4 are there"),
        ("UPDATE g_audit SET id = id + 1000 WHERE subject = 'customer:1'", "are not what was sealed"),
        (
            "DELETE FROM g_audit_seal WHERE id = (SELECT min(id) FROM g_audit_seal)",
            "does not follow the seal before it",
        ),
        ("UPDATE g_audit_seal SET digest = previous", "are not what was sealed"),
    ],
)
def test_tampering_past_the_triggers_shows(written: App, statement: str, words: str) -> None:
    with written.work(SYSTEM) as work, without_triggers(work):
        work.driver(statement)
    with written.work(SYSTEM, read=True) as work:
        assert any(words in problem for problem in seals.verify(work)), seals.verify(work)


def test_a_row_of_a_transaction_still_open_is_not_left_out(app: App) -> None:
    """PostgreSQL gives numbers before the commit, so a lower one may come to light after a higher one."""
    if app.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    written, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with app.work(WANG) as work:
            audit.write(work, "slow", "customer:1")
            written.set()
            finish.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(5)
    with app.work(WANG) as work:
        audit.write(work, "fast", "customer:2")
    assert seals.seal(app) == 0
    finish.set()
    thread.join()
    assert seals.seal(app) == 3
    with app.work(SYSTEM, read=True) as work:
        assert seals.verify(work) == []


def test_two_processes_seal_once(app: App) -> None:
    with app.work(WANG) as work:
        for number in range(50):
            audit.write(work, "a", str(number))
    sealed: list[int] = []
    threads = [threading.Thread(target=lambda: sealed.append(seals.seal(app))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sealed) == 51
    with app.work(SYSTEM, read=True) as work:
        assert seals.verify(work) == []


@contextmanager
def without_triggers(work: object) -> Iterator[None]:
    """What someone with the rights of the database's owner could do."""
    run = work.driver  # type: ignore[attr-defined]
    if work.dialect == "postgresql":  # type: ignore[attr-defined]
        run("SET LOCAL session_replication_role = replica")
        yield
        return
    names = [row[0] for row in run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()]
    for name in names:
        run(f"DROP TRIGGER {name}")
    yield
