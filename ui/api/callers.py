"""Callers: who holds the bearer key of a request, and what the key may do."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request

from engine import keys
from engine.app import App
from engine.keys import Key
from ui.api.problems import Refused
from ui.web.access import access, access_of

log = logging.getLogger("guiju.api")

View = TypeVar("View", bound=Callable[..., Any])
TRUSTED = 1.0  # seconds that a key is not looked up again; so long lives one that was revoked
MOST = 1000


def may(action: str) -> Callable[[View], View]:
    """Mark a route: whoever holds a key that may `read`, `write` or `admin`."""
    if action not in keys.ACTIONS:
        raise ValueError(f"a key cannot {action!r}")
    return access("key", can=action)


class Seen:
    """The keys looked up within the last second, by the hash of their text and where they came from."""

    def __init__(self) -> None:
        self._seen: dict[tuple[bytes, str], tuple[float, Key]] = {}
        self._lock = threading.Lock()

    def check(self, app: App, text: str, address: str) -> Key | None:
        name = (hashlib.sha256(text.encode("utf-8", "replace")).digest(), address)
        found = self._seen.get(name)
        now = time.monotonic()
        if found is not None and now < found[0]:
            return found[1]
        key = keys.check(app, text, address=address)
        with self._lock:
            if len(self._seen) >= MOST:
                self._seen.clear()
            if key is not None:
                self._seen[name] = (now + TRUSTED, key)
            else:
                self._seen.pop(name, None)
        return key


def let_in() -> None:
    """Find out who asks, before any route is run; nothing but the bearer key counts."""
    mark = access_of(current_app, request.endpoint) if request.endpoint else None
    if mark is None:
        return  # there is no such route; the router says so
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Refused(401, "send Authorization: Bearer KEY")
    seen: Seen = current_app.extensions["guiju.keys"]
    key = seen.check(current_app.extensions["guiju"], text.strip(), request.remote_addr or "")
    if key is None or key.principal is None:
        log.warning("a key was refused that came from %s", request.remote_addr)
        raise Refused(401, "the key is unknown, revoked, expired, or not for this address")
    if mark.can and not key.allows(mark.can):
        raise Refused(403, f"this key may not {mark.can}")
    g.principal = key.principal
