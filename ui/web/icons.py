"""Icons: the only place that hands markup to the templates as it is, from our own build and nothing else."""

from __future__ import annotations

import json
from functools import lru_cache

from markupsafe import Markup

from ui.assets import BUILT, AssetsMissing

_FRAME = Markup('<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{}</svg>')
_PIECE = Markup("<{} {}/>")
_ATTRIBUTE = Markup('{}="{}"')


@lru_cache(maxsize=1)
def drawn() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Every icon that was built, as elements with their attributes."""
    try:
        found: dict[str, list[tuple[str, dict[str, str]]]] = json.loads((BUILT / "icons.json").read_text())
    except FileNotFoundError:
        raise AssetsMissing("页面资源尚未构建。请运行：python -m ui.assets build") from None
    return found


@lru_cache
def icon(name: str) -> Markup:
    """The drawing of a Lucide icon that ui/frontend/src/icons.json lists; an unknown name is a mistake of ours."""
    pieces = []
    for tag, attributes in drawn()[name]:
        written = Markup(" ").join(_ATTRIBUTE.format(key, value) for key, value in attributes.items())
        pieces.append(_PIECE.format(tag, written))
    return _FRAME.format(Markup("").join(pieces))
