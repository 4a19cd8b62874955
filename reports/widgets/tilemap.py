"""Tile map: a square per province, coloured by its number; no outline is drawn."""

from __future__ import annotations

from reports.widgets import BY, Widget, widget_types


@widget_types.register("tilemap")
class TileMap(Widget):
    """Provinces as squares; the page holds their places.

    region: {type: tilemap, show: receivables.overdue, by: province}
    """

    options = {**BY}
    axis = "must"
