"""Knobs: how a setting is shown and typed on the settings page; what it accepts is the engine's to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.errors import InputError
from engine.settings import Setting
from engine.settings.kinds import BadSetting
from ui.web.templating import label, t

NUMERIC = ("integer", "number", "money", "percent")


@dataclass(frozen=True, slots=True)
class Knob:
    """One row of the page; `text` is what stands in its field, `parts` what stands in the fields of its parts."""

    id: str
    label: str
    help: str
    kind: str
    unit: str
    text: str
    version: int
    default: str
    changed: bool
    error: str = ""
    low: str = ""
    high: str = ""
    default_at: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str, str], ...] = field(default=())
    bands: tuple[str, ...] = ()

    @property
    def slides(self) -> bool:
        return bool(self.low and self.high)


def knob(setting: Setting, value: Any, version: int, typed: Mapping[str, str], error: str) -> Knob:
    """The row of one setting; what was typed and refused stands in place of the stored value."""
    low, high = _plain(setting, setting.min), _plain(setting, setting.max)
    spread = None
    if setting.kind in NUMERIC and setting.min is not None and setting.max is not None and setting.default is not None:
        spread = float(
            (Decimal(setting.default) - Decimal(setting.min)) / (Decimal(setting.max) - Decimal(setting.min)) * 100
        )
    return Knob(
        id=setting.id,
        label=label(setting.label),
        help=label(setting.help) if setting.help else "",
        kind=setting.kind,
        unit="%" if setting.kind == "percent" else label(setting.unit) if setting.unit else "",
        text=typed.get(setting.id, _plain(setting, value)),
        version=version,
        default=_plain(setting, setting.default),
        changed=value != setting.default,
        error=error,
        low=low if spread is not None else "",
        high=high if spread is not None else "",
        default_at=spread,
        choices=_choices(setting),
        parts=_parts(setting, value, typed),
        bands=band_words(value) if setting.kind == "bands" else (),
    )


def band_words(edges: Sequence[int]) -> tuple[str, ...]:
    """The bands that edges such as 0, 30, 60 cut, in words."""
    between = tuple(f"{low + 1}–{high}" for low, high in pairwise(edges))
    return (f"≤ {edges[0]}", *between, f"> {edges[-1]}")


def spoken(setting: Setting, stored: Any) -> str:
    """A value out of the audit log, as one says it."""
    try:
        value = setting.parse(stored)
    except BadSetting:
        return str(stored)
    words = dict(_choices(setting)).get(str(value).lower() if isinstance(value, bool) else str(value))
    unit = "%" if setting.kind == "percent" else label(setting.unit) if setting.unit else ""
    return words or f"{_plain(setting, value)}{unit}"


def read(setting: Setting, form: Mapping[str, str]) -> Any:
    """What the page sent for one setting, in the words that the engine reads."""
    if setting.kind == "weights":
        return {part: form.get(f"{setting.id}.{part}", "") for part in setting.default}
    text = form.get(setting.id, "").strip()
    if len(text) > 2000:
        raise InputError({setting.id: t("内容太长")})
    return f"{text}%" if setting.kind == "percent" and text and text[-1] not in "%％" else text


def _plain(setting: Setting, value: Any) -> str:
    """A value as one types it."""
    if value is None:
        return ""
    if setting.kind == "percent":
        return _short(Decimal(value) * 100)
    if setting.kind == "money":
        return f"{Decimal(value):,.2f}"
    if setting.kind == "number":
        return _short(Decimal(value))
    if setting.kind == "bands":
        return ", ".join(str(edge) for edge in value)
    if setting.kind == "boolean":
        return "true" if value else "false"
    if setting.kind == "weights":
        return " / ".join(_short(Decimal(part)) for part in value.values())
    return str(value)


def _short(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _choices(setting: Setting) -> tuple[tuple[str, str], ...]:
    if setting.kind == "choice":
        return tuple((id, label(words)) for id, words in setting.options.items())
    if setting.kind == "boolean":
        return (("true", t("是")), ("false", t("否")))
    if setting.kind == "role":
        return tuple((role, role) for role in sorted(setting.roles))
    return ()


def _parts(setting: Setting, value: Any, typed: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    if setting.kind != "weights":
        return ()
    return tuple(
        (part, label(setting.labels.get(part, part)), typed.get(f"{setting.id}.{part}", _short(Decimal(weight))))
        for part, weight in value.items()
    )
