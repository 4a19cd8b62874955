"""The scope of the app's settings alone, for conditions that switch a rule on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import settings
from engine.expressions import Env, MapEnv, MapScope, Scope, Type

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work


def settings_scope(catalog: Catalog) -> Scope:
    """Only `settings.x`, for conditions that switch a rule on or off."""
    return MapScope({"settings": Type("record", nullable=False)}, {"settings": settings.scope(catalog.settings)})


def settings_env(work: Work) -> Env:
    """The values behind `settings_scope`."""
    return MapEnv({"settings": dict(work.settings)}, today=work.today, now=work.now)
