"""A part of a unit of work is undone alone."""

from __future__ import annotations

import pytest

from engine import audit
from engine.app import App
from engine.errors import InputError
from engine.principal import SYSTEM


def test_a_part_that_fails_leaves_the_rest(app: App) -> None:
    with app.work(SYSTEM) as work:
        audit.write(work, "test.before", "x")
        with pytest.raises(InputError), work.part():
            audit.write(work, "test.lost", "x")
            with work.part():
                audit.write(work, "test.lost.inside", "x")
            raise InputError({"": "no"})
        with work.part():
            audit.write(work, "test.after", "x")
    with app.work(SYSTEM, read=True) as work:
        assert [row.action for row in audit.rows(work, action="test.")] == ["test.after", "test.before"]


def test_a_statement_that_fails_ends_only_its_part(app: App) -> None:
    with app.work(SYSTEM) as work:
        with pytest.raises(Exception, match="g_nowhere"), work.part():
            work.driver("INSERT INTO g_nowhere VALUES (1)")
        audit.write(work, "test.after", "x")
    with app.work(SYSTEM, read=True) as work:
        assert [row.action for row in audit.rows(work, action="test.")] == ["test.after"]
