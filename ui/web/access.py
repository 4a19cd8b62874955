"""Access: every route says who may call it; without a word nobody may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app

from engine.errors import AccessDenied
from engine.principal import Principal

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: `public` anyone, `person` who is logged in, `key` who holds an API key.

    `can` names a permission of roles.yaml that one of the person's roles must grant.
    """

    who: str
    can: str | None = None


class Unmarked(RuntimeError):
    """A route does not say who may call it; the product does not start."""


def access(who: str, *, can: str | None = None) -> Callable[[View], View]:
    """Mark a view with who may call it."""
    if who not in ("public", "person", "key"):
        raise ValueError(f"there is no kind of caller {who!r}: public, person or key")

    def mark(view: View) -> View:
        view.guiju_access = Access(who, can)  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Access | None:
    return getattr(app.view_functions.get(endpoint), "guiju_access", None)


def refuse_unmarked(app: Flask) -> None:
    """Raise Unmarked when a route has no mark; called once all routes are known."""
    bare = sorted(str(rule) for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None)
    if bare:
        raise Unmarked(f"these routes do not say who may call them: {', '.join(bare)}; mark each with @access(...)")


def may(principal: Principal, permission: str) -> bool:
    """True when one of the person's roles grants the permission (roles.yaml `can:`)."""
    return bool(current_app.extensions["guiju"].catalog.may(principal, permission))


def require(principal: Principal, permission: str) -> None:
    """Raise AccessDenied unless a role of the person grants the permission."""
    if not may(principal, permission):
        raise AccessDenied(f"需要权限 {permission}")
