"""The scope of the app's settings alone, for conditions that switch a rule on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expressions import Env, MapEnv, MapScope, Scope, Type

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work


def settings_scope(catalog: Catalog) -> Scope:
    """Only `settings.x`, for conditions that switch a rule on or off."""
    knobs = MapScope(
        {name: setting.type for name, setting in catalog.settings.items()},
        labels={name: setting.label for name, setting in catalog.settings.items()},
    )
    return MapScope({"settings": Type("record", nullable=False)}, {"settings": knobs})


def settings_env(work: Work) -> Env:
    """The values behind `settings_scope`."""
    return MapEnv({"settings": dict(work.settings)}, today=work.today, now=work.now)
