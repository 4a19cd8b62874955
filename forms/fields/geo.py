"""Geo: a point on the map."""

from __future__ import annotations

import math
from typing import Any

from forms.fields.base import BadValue, field_types
from forms.fields.json import JsonField

HINT = "请填写经纬度, 例如 31.23,121.47"


@field_types.register("geo")
class GeoField(JsonField):
    """A point by latitude and longitude in degrees.

    ```yaml
    visited_where: {type: geo, label: 拜访位置}
    ```
    """

    def parse(self, text: str) -> Any:
        try:
            latitude, longitude = (float(part) for part in text.replace("，", ",").split(","))
        except ValueError:
            raise BadValue(HINT) from None
        return self.accept({"lat": latitude, "lng": longitude})

    def accept(self, value: Any) -> Any:
        if not isinstance(value, dict) or set(value) != {"lat", "lng"}:
            raise BadValue(HINT)
        for key, most in (("lat", 90), ("lng", 180)):
            degrees = value[key]
            if type(degrees) not in (int, float) or not math.isfinite(degrees) or abs(degrees) > most:
                raise BadValue(HINT)
        return {"lat": round(float(value["lat"]), 6), "lng": round(float(value["lng"]), 6)}

    def format(self, value: Any, locale: str) -> str:
        return f"{value['lat']:.6f},{value['lng']:.6f}"
