"""Watch: tells those who publish the app, once, that a year is coming without its official holidays."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from engine import notices, people
from engine.principal import SYSTEM

if TYPE_CHECKING:
    from engine.app import App

log = logging.getLogger("guiju.calendar")

_told: WeakKeyDictionary[App, set[str]] = WeakKeyDictionary()  # spares a transaction at every tick


def watch(app: App) -> int:
    """Send the warnings of all calendars that nobody was sent yet; answers how many."""
    told = _told.setdefault(app, set())
    today = app.clock.now().astimezone(app.catalog.timezone).date()
    warnings = [calendar.warning(today) for calendar in app.catalog.calendars.values()]
    new = [warning for warning in warnings if warning and warning not in told]
    if new:
        with app.work(SYSTEM) as work:
            roles = [role.id for role in work.catalog.roles.values() if "publish" in role.can]
            readers = [person.id for role in roles for person in people.with_role(work, role)]
            for warning in new:
                log.warning("%s", warning)
                notices.send(work, readers, warning, kind="warning", key=f"calendar:{warning}")
        told.update(new)
    return len(new)
