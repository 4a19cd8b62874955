"""The pages, one module a family."""

from __future__ import annotations

from flask import Blueprint

from ui.web.pages import (
    apps,
    edit,
    exports,
    files,
    flows,
    home,
    imports,
    lists,
    login,
    me,
    notices,
    outbox,
    people,
    pick,
    records,
    reports,
    sandbox,
    search,
    settings,
    tasks,
)

PAGES: tuple[Blueprint, ...] = tuple(
    module.blueprint
    for module in (
        login, home, apps, lists, imports, exports, edit, records, files, pick, tasks, flows, reports,
        settings, people, outbox, sandbox, notices, me, search,
    )
)  # fmt: skip
