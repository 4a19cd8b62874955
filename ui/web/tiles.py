"""Tiles: where each province stands on the tile map; squares, no borders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.result import Line

# Column and row of each province, and the one character it is called by.
PLACES = {
    "黑龙江": ("黑", 8, 0), "新疆": ("新", 0, 1), "内蒙古": ("内", 6, 1), "吉林": ("吉", 8, 1), "青海": ("青", 1, 2),
    "甘肃": ("甘", 2, 2), "宁夏": ("宁", 3, 2), "陕西": ("陕", 4, 2), "山西": ("晋", 5, 2), "北京": ("京", 6, 2),
    "天津": ("津", 7, 2), "辽宁": ("辽", 8, 2), "西藏": ("藏", 0, 3), "四川": ("川", 2, 3), "重庆": ("渝", 3, 3),
    "湖北": ("鄂", 4, 3), "河南": ("豫", 5, 3), "河北": ("冀", 6, 3), "山东": ("鲁", 7, 3), "云南": ("滇", 2, 4),
    "贵州": ("黔", 3, 4), "湖南": ("湘", 4, 4), "江西": ("赣", 5, 4), "安徽": ("皖", 6, 4), "江苏": ("苏", 7, 4),
    "上海": ("沪", 8, 4), "广西": ("桂", 3, 5), "澳门": ("澳", 4, 5), "广东": ("粤", 5, 5), "福建": ("闽", 6, 5),
    "浙江": ("浙", 7, 5), "台湾": ("台", 8, 5), "海南": ("琼", 4, 6), "香港": ("港", 5, 6),
}  # fmt: skip
STEP, WIDE, HIGH = 38, 35, 27
SHADES = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """One square: where it stands, how deep its colour is, what it says and where it leads."""

    letter: str
    name: str
    x: int
    y: int
    shade: int
    text: str
    href: str


def tiles(lines: Sequence[tuple[Line, str, str]]) -> list[Tile]:
    """All squares; `lines` are the groups with their value as text and the page of their records."""
    known = {line.label.rstrip("省市"): (line, text, href) for line, text, href in lines}
    most = max((float(line.values[0] or 0) for line, _, _ in known.values()), default=0.0)
    found = []
    for name, (letter, column, row) in PLACES.items():
        line, text, href = known.get(name, (None, "—", ""))
        value = float(line.values[0] or 0) if line is not None else 0.0
        shade = 0 if value <= 0 or most <= 0 else min(SHADES, 1 + int(value / most * SHADES * 0.999))
        found.append(Tile(letter, name, column * STEP, row * 30, shade, text, href if value else ""))
    return found
