"""The pages, one module a family."""

from __future__ import annotations

from flask import Blueprint

from ui.web.pages import apps, home, login, me, notices, outbox, people, sandbox, search, settings

PAGES: tuple[Blueprint, ...] = tuple(
    module.blueprint for module in (login, home, apps, settings, people, outbox, sandbox, notices, me, search)
)
