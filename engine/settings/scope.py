"""Settings in expressions: `settings.small_limit`, and `settings.score_weights.finance` for a part of weights."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.scope import MapScope
from engine.settings.declared import Setting


def scope(declared: Mapping[str, Setting]) -> MapScope:
    """The names behind `settings.`."""
    return MapScope(
        {name: setting.type for name, setting in declared.items()},
        {name: MapScope(setting.parts, labels=setting.labels) for name, setting in declared.items() if setting.parts},
        {name: setting.label for name, setting in declared.items()},
    )
