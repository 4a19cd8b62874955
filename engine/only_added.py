"""Tables whose rows are only ever added: the database itself refuses to change or to remove one."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

_SQLITE = """CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"""
_FUNCTION = """CREATE OR REPLACE FUNCTION g_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%% is only ever added to', TG_TABLE_NAME; END $$"""
_POSTGRES = """CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION g_only_added()"""


def only_added(table: Table) -> None:
    """Have triggers made with the table, on both databases."""
    for what in ("UPDATE", "DELETE"):
        _after(table, "sqlite", _SQLITE.format(table=table.name, what=what))
    _after(table, "postgresql", _FUNCTION)
    _after(table, "postgresql", _POSTGRES.format(table=table.name))


def _after(table: Table, dialect: str, statement: str) -> None:
    event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
