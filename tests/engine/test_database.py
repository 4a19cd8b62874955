"""Database: whole transactions, snapshots that do not write, and no waiting for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine import database as module
from engine import driver
from engine.database import Database
from engine.errors import Busy


@pytest.fixture
def table(database: Database) -> Database:
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer PRIMARY KEY, n integer)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1, 10), (2, 20)")
    return database


def numbers(connection: Connection) -> list[int]:
    return [row[0] for row in driver.run(connection, "SELECT n FROM t ORDER BY id").fetchall()]


def test_a_write_is_kept_whole_or_not_at_all(table: Database) -> None:
    with pytest.raises(ZeroDivisionError), table.write() as connection:
        driver.run(connection, "UPDATE t SET n = 0")
        raise ZeroDivisionError
    with table.read() as connection:
        assert numbers(connection) == [10, 20]


def test_a_read_refuses_to_write_and_the_next_write_may(table: Database) -> None:
    for _ in range(2):  # the same pooled connection, in turns
        with pytest.raises(DBAPIError, match=r"readonly|read-only"), table.read() as connection:
            driver.run(connection, "UPDATE t SET n = n + 1")
        with table.write() as connection:
            driver.run(connection, "UPDATE t SET n = n + 1")
    with table.read() as connection:
        assert numbers(connection) == [12, 22]


def test_a_read_is_one_snapshot(table: Database) -> None:
    with table.read() as connection:
        before = numbers(connection)
        run_in_thread(lambda: add_one(table))
        assert numbers(connection) == before
    with table.read() as connection:
        assert numbers(connection) == [11, 21]


def test_a_second_write_in_the_same_thread_is_refused_at_once(table: Database) -> None:
    with table.write() as connection:
        with pytest.raises(RuntimeError, match="already has a writing unit of work"), table.write():
            pass
        driver.run(connection, "UPDATE t SET n = 1")
    add_one(table)


def test_whoever_waits_too_long_is_told_and_nothing_is_done(table: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITER_SECONDS", 0.2)
    with holding(table), pytest.raises(Busy, match="nothing was done"), table.write() as connection:
        driver.run(connection, "SET LOCAL lock_timeout = '200ms'")  # PostgreSQL; SQLite does not get here
        driver.run(connection, "UPDATE t SET n = 99")
    with table.read() as connection:
        assert numbers(connection) == [10, 20]


def test_writers_of_other_processes_are_waited_for_and_told(table: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second Database on the same file or server stands for another process."""
    monkeypatch.setattr(module, "WRITER_SECONDS", 0.2)
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.2)
    other = Database(table.url.render_as_string(hide_password=False))
    with table.write() as connection:
        driver.run(connection, "UPDATE t SET n = 5 WHERE id = 1")
        with pytest.raises(Busy), other.write() as waiting:
            if table.dialect == "sqlite":
                raise AssertionError("BEGIN IMMEDIATE must wait")
            driver.run(waiting, "UPDATE t SET n = 6 WHERE id = 1")
    other.close()


def test_a_deadlock_is_told_as_one_that_may_run_again(table: Database) -> None:
    if table.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    both, told = threading.Barrier(2), []

    def cross(first: int, second: int) -> None:
        try:
            with table.write() as connection:
                driver.run(connection, "UPDATE t SET n = n + 1 WHERE id = :id", {"id": first})
                both.wait(5)
                driver.run(connection, "UPDATE t SET n = n + 1 WHERE id = :id", {"id": second})
        except Busy as busy:
            told.append(module.clashed(busy))

    threads = [threading.Thread(target=cross, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [True]
    with table.read() as connection:
        assert numbers(connection) == [11, 21]


def test_driver_statements_are_written_once_for_both(database: Database) -> None:
    with database.write() as connection:
        found = driver.run(
            connection, "SELECT '10% :no' AS a, CAST(:n AS integer) % 4, :text AS t", {"n": 7, "text": "50%"}
        )
        assert tuple(found.fetchone()) == ("10% :no", 3, "50%")


def test_driver_errors_are_those_of_sqlalchemy(table: Database) -> None:
    with pytest.raises(IntegrityError), table.write() as connection:
        driver.run(connection, "INSERT INTO t VALUES (:id, 1)", {"id": 1})
    with pytest.raises(IntegrityError), table.write() as connection:
        driver.run_many(connection, "INSERT INTO t VALUES (:id, 1)", [{"id": 3}, {"id": 3}])


def test_sqlite_keeps_what_it_has_acknowledged(database: Database) -> None:
    if database.dialect == "postgresql":
        pytest.skip("the server's own settings")
    with database.write() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert pragmas == ["wal", 2]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_connection_that_the_server_has_closed_is_replaced(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("no server")
    with database.read() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    other = Database(database.url.render_as_string(hide_password=False))
    with other.write() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(%(pid)s, 2000)", {"pid": pid})
    other.close()
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() != pid


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("mysql+pymysql://h/d", "sqlite or postgresql"),
    ],
)
def test_what_cannot_be_a_database_is_refused(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Database(url)


def add_one(database: Database) -> None:
    with database.write() as connection:
        driver.run(connection, "UPDATE t SET n = n + 1")


def run_in_thread(call: Any) -> None:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


@contextmanager
def holding(database: Database) -> Iterator[None]:
    """Another thread holds what a write needs."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with pytest.raises(ZeroDivisionError), database.write() as connection:
            driver.run(connection, "UPDATE t SET n = n + 100")
            held.set()
            done.wait(5)
            raise ZeroDivisionError

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    try:
        yield
    finally:
        done.set()
        thread.join()
