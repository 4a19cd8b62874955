"""Kinds of settings: what each accepts, keeps and tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from engine import formats
from engine.expressions import types
from engine.expressions.types import Type
from engine.registry import Registry

if TYPE_CHECKING:
    from engine.settings.declared import Setting

NUMBER = {"type": "number"}
MAX_DIGITS = 18  # what every database keeps exactly
UNIT = {"type": "string", "description": "The unit shown behind the number, such as 天."}


class BadSetting(ValueError):
    """A value that a setting does not accept, in words for people (zh-CN)."""


class SettingKind:
    """One kind: `options` are its own keys in settings.yaml, `parse` reads what was declared, stored or typed in."""

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    default: ClassVar[Mapping[str, Any]] = {}
    requires: ClassVar[tuple[str, ...]] = ("default",)

    def type(self, setting: Setting) -> Type:
        """What the setting is in an expression."""
        raise NotImplementedError

    def parts(self, setting: Setting) -> Mapping[str, Type]:
        """The names below it in an expression; none for most."""
        return {}

    def parse(self, value: Any, setting: Setting) -> Any:
        """The typed value; raises BadSetting."""
        raise NotImplementedError


setting_kinds: Registry[SettingKind] = Registry("kind of setting", "guiju.settings")


class _Number(SettingKind):
    """What the kinds of numbers share: bounds, and text that a person typed."""

    options: ClassVar[Mapping[str, Any]] = {
        "min": {**NUMBER, "description": "The smallest accepted value."},
        "max": {**NUMBER, "description": "The largest accepted value."},
        "unit": UNIT,
    }
    default: ClassVar[Mapping[str, Any]] = NUMBER
    places: ClassVar[int] = 0

    def parse(self, value: Any, setting: Setting) -> Any:
        number = self.exact(self.amount(value))
        if setting.min is not None and number < setting.min:
            raise BadSetting(f"不能小于 {self.said(setting.min, setting)}")
        if setting.max is not None and number > setting.max:
            raise BadSetting(f"不能大于 {self.said(setting.max, setting)}")
        return number

    def said(self, bound: Decimal | int, setting: Setting) -> str:
        """A bound as people read it."""
        return f"{bound}{setting.unit}"

    def amount(self, value: Any) -> Decimal:
        """The number that a value means."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise BadSetting("请填写数字")
        try:
            number = Decimal(value.replace(",", "").strip() if isinstance(value, str) else value)
        except InvalidOperation:
            raise BadSetting("请填写数字") from None
        if not number.is_finite() or number.adjusted() >= MAX_DIGITS:
            raise BadSetting("请填写数字")
        return number

    def exact(self, number: Decimal) -> Any:
        """The number with the decimals of this kind."""
        kept = number.quantize(Decimal(1).scaleb(-self.places))
        if kept != number:
            raise BadSetting(f"最多 {self.places} 位小数" if self.places else "请填写整数")
        return kept


@setting_kinds.register("integer")
class Integer(_Number):
    """A whole number.

    ```yaml
    watch_after_days: {label: 逾期观察天数, type: integer, default: 15, min: 1, max: 365, unit: 天}
    ```
    """

    default: ClassVar[Mapping[str, Any]] = {"type": "integer"}

    def type(self, setting: Setting) -> Type:
        return types.integer(nullable=False)

    def exact(self, number: Decimal) -> Any:
        return int(super().exact(number))


@setting_kinds.register("number")
class Number(_Number):
    """A number with up to four decimals.

    ```yaml
    late_factor: {label: 滞纳系数, type: number, default: 1.5}
    ```
    """

    places = 4

    def type(self, setting: Setting) -> Type:
        return types.number(self.places, nullable=False)


@setting_kinds.register("money")
class Money(_Number):
    """An amount in the currency of the app.

    ```yaml
    small_limit: {label: 小额授信上限, type: money, default: 50000, min: 0}
    ```
    """

    places = 2

    def type(self, setting: Setting) -> Type:
        return types.money(nullable=False)


@setting_kinds.register("percent")
class Percent(_Number):
    """A share of one; 0.8 is 80 %, and may be typed so.

    ```yaml
    usage_warning: {label: 额度预警线, type: percent, default: 0.8, min: 0, max: 1}
    ```
    """

    places = 4

    def type(self, setting: Setting) -> Type:
        return types.percent(nullable=False)

    def said(self, bound: Decimal | int, setting: Setting) -> str:
        return formats.percent(bound, formats.Reader())

    def amount(self, value: Any) -> Decimal:
        if isinstance(value, str) and value.strip().endswith(("%", "％")):
            return super().amount(value.strip()[:-1]) / 100
        return super().amount(value)


@setting_kinds.register("text")
class Text(SettingKind):
    """A short text.

    ```yaml
    sender_name: {label: 催款函落款, type: text, default: 财务部}
    ```
    """

    options: ClassVar[Mapping[str, Any]] = {"max": {"type": "integer", "description": "The longest accepted text."}}
    default: ClassVar[Mapping[str, Any]] = {"type": "string"}
    requires = ()

    def type(self, setting: Setting) -> Type:
        return types.text(nullable=setting.default is None)

    def parse(self, value: Any, setting: Setting) -> Any:
        if not isinstance(value, str):
            raise BadSetting("请填写文字")
        if setting.max is not None and len(value) > setting.max:
            raise BadSetting(f"最多 {setting.max} 个字")
        return value


@setting_kinds.register("boolean")
class Boolean(SettingKind):
    """Yes or no.

    ```yaml
    mail_weekends: {label: 周末也发邮件, type: boolean, default: false}
    ```
    """

    default: ClassVar[Mapping[str, Any]] = {"type": "boolean"}

    def type(self, setting: Setting) -> Type:
        return types.boolean(nullable=False)

    def parse(self, value: Any, setting: Setting) -> Any:
        value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        if not isinstance(value, bool):
            raise BadSetting("请选择是或否")
        return value


@setting_kinds.register("choice")
class Choice(SettingKind):
    """One of a declared list.

    ```yaml
    order_over_limit: {label: 超额订单, type: choice, options: {warn: 预警, block: 拦截}, default: block}
    ```
    """

    options: ClassVar[Mapping[str, Any]] = {
        "options": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z0-9_]+$"},
            "additionalProperties": {"type": "string"},
            "description": "What may be chosen: id to label (选项).",
        }
    }
    default: ClassVar[Mapping[str, Any]] = {"type": "string"}
    requires = ("default", "options")

    def type(self, setting: Setting) -> Type:
        return types.choice(*setting.options, nullable=False)

    def parse(self, value: Any, setting: Setting) -> Any:
        if value not in setting.options:
            raise BadSetting(f"请从 {'、'.join(setting.options.values())} 中选择")
        return value


@setting_kinds.register("bands")
class Bands(SettingKind):
    """The edges of bands in ascending order; `[0, 30, 60]` cuts at 0, 30 and 60.

    ```yaml
    aging_bands: {label: 账龄区间, type: bands, default: [0, 30, 60, 90], unit: 天}
    ```
    """

    options: ClassVar[Mapping[str, Any]] = {"unit": UNIT}
    default: ClassVar[Mapping[str, Any]] = {
        "type": "array",
        "items": {"type": "integer"},
        "minItems": 1,
        "maxItems": 20,
    }

    def type(self, setting: Setting) -> Type:
        return types.json(nullable=False)

    def parse(self, value: Any, setting: Setting) -> Any:
        try:
            given = value.replace("，", ",").split(",") if isinstance(value, str) else list(value)
            edges = tuple(int(edge) for edge in given)
        except (TypeError, ValueError):
            raise BadSetting("请填写用逗号隔开的整数") from None
        if not 0 < len(edges) <= 20 or any(left >= right for left, right in pairwise(edges)):
            raise BadSetting("请按从小到大填写 1 到 20 个整数")
        return edges


@setting_kinds.register("weights")
class Weights(SettingKind):
    """Shares of named parts that add up to a total; the parts are those of the default.

    ```yaml
    score_weights: {label: 评分权重, type: weights, default: {finance: 50, history: 30, reputation: 20}, total: 100}
    ```
    """

    options: ClassVar[Mapping[str, Any]] = {
        "total": {**NUMBER, "description": "What the weights add up to (合计)."},
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What people read for each part.",
        },
    }
    default: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "additionalProperties": {"type": "number", "minimum": 0},
    }
    requires = ("default", "total")

    def type(self, setting: Setting) -> Type:
        return types.record()

    def parts(self, setting: Setting) -> Mapping[str, Type]:
        return {name: types.number(4, nullable=False) for name in setting.default}

    def parse(self, value: Any, setting: Setting) -> Any:
        if not isinstance(value, Mapping) or (setting.default is not None and set(value) != set(setting.default)):
            raise BadSetting("请为每一项填写权重")
        try:
            parts = {name: Decimal(str(part)) for name, part in value.items()}
        except InvalidOperation:
            raise BadSetting("请填写数字") from None
        if any(not part.is_finite() or part < 0 for part in parts.values()):
            raise BadSetting("权重不能小于 0")
        if sum(parts.values()) != setting.total:
            raise BadSetting(f"权重合计应为 {setting.total}，现为 {sum(parts.values())}")
        return parts


@setting_kinds.register("date")
class Date(SettingKind):
    """A day.

    ```yaml
    go_live: {label: 启用日期, type: date, default: 2026-01-01}
    ```
    """

    default: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    requires = ()

    def type(self, setting: Setting) -> Type:
        return types.date(nullable=setting.default is None)

    def parse(self, value: Any, setting: Setting) -> Any:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except (TypeError, ValueError):
            raise BadSetting("请填写日期，例如 2026-01-31") from None


@setting_kinds.register("role")
class RoleSetting(SettingKind):
    """A role of the app.

    ```yaml
    collector_role: {label: 催收角色, type: role, default: collector}
    ```
    """

    default: ClassVar[Mapping[str, Any]] = {"type": "string"}
    requires = ()

    def type(self, setting: Setting) -> Type:
        return types.role(nullable=setting.default is None)

    def parse(self, value: Any, setting: Setting) -> Any:
        if value not in setting.roles:
            raise BadSetting("没有这个角色")
        return value
