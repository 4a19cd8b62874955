"""Approve: people decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.who import schema as who_schema
from flows import asking, limits, rights
from flows.approvers import IF_NOBODY, IF_SELF
from flows.signing import SIGN, compile_sign
from flows.steps.base import Step, step_types

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place

CAN = ("return", "transfer", "add_signer")
NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}

# What may be written once under `defaults` for all approvals of a flow.
SHARED: dict[str, Any] = {
    "calendar": {"type": "string", "description": "工作日历 / working calendar of the limits"},
    "limit": limits.SCHEMA,
    "if_nobody": {
        "anyOf": [{"enum": list(IF_NOBODY)}, {"type": ["object", "array"], **who_schema()}],
        "description": "审批人为空 / when nobody is found: one of these words, or who else; flow_admin if not given",
    },
    "if_self": {
        "enum": list(IF_SELF),
        "description": "审批人就是发起人 / when the starter is among them; superior if not given",
    },
    "skip_repeat": {
        "enum": ["none", "consecutive", "any"],
        "description": "自动去重 / agree for people who have just agreed, or agreed anywhere; none if not given",
    },
    "opinion": {
        "enum": ["never", "on_reject", "always"],
        "description": "审批意见 / when an opinion is needed; never if not given",
    },
    "resubmit": {
        "enum": ["straight_back", "replay"],
        "description": "退回后重新提交 / straight back, or the whole way again; straight_back if not given",
    },
}


@step_types.register("approve")
class Approve(Step):
    """Ask people; the step ends when they have decided by its rule.

    - approve: finance_review
      label: 财务初审
      who: {role: finance}
      sign: any
      opinion: on_reject
      fields: {edit: [approved_amount], require: [approved_amount], hidden: [reason]}
      can: [return, transfer]
      return_to: [start]
      limit:
        - {after: 4 hours, remind: true}
        - {after: 1 day, transfer: superior}
    """

    options = {
        "who": {**who_schema(), "description": "审批人 / who decides"},
        "sign": SIGN,
        "reject_needs": {"enum": ["one", "all"], "description": "或签时 / with `any`: whether one or all must reject"},
        "on_refusal": {
            "enum": ["end_now", "wait_all"],
            "description": "会签有人拒绝时 / whether the others are still asked",
        },
        "on_reject": {
            "anyOf": [
                {"const": "end"},
                {
                    "type": "object",
                    "properties": {"return": {"type": "string", "description": "退回到 / id of the step, or start"}},
                    "required": ["return"],
                    "additionalProperties": False,
                },
            ],
            "description": "拒绝后 / a rejection ends the flow, or returns it",
        },
        "fields": {
            "type": "object",
            "properties": {
                "edit": {**NAMES, "description": "可编辑字段 / fields this step may change"},
                "require": {**NAMES, "description": "必填字段 / fields to fill before agreeing"},
                "hidden": {**NAMES, "description": "隐藏字段 / fields this step does not see"},
            },
            "additionalProperties": False,
            "description": "字段权限 / rights on fields; what is not named is read only",
        },
        "can": {
            "type": "array",
            "items": {"enum": list(CAN)},
            "uniqueItems": True,
            "description": "可用操作 / all if not given",
        },
        "return_to": {**NAMES, "description": "可退回到 / ids of steps, or start; all earlier ones if not given"},
        **SHARED,
    }
    required = ("who",)
    human = True

    def compile(self, place: Place, build: Build) -> None:
        self.who = place.at("who").who()
        self.rule = compile_sign(place)
        self.pools = _pools(self.who.pool_roles if self.who else (), self.rule)
        self.told = self.who.describe(place.catalog) if self.who else ""
        self.rights = rights.compile_rights(place.at("fields") if place.has("fields") else None)
        self.can = frozenset(place.value.get("can", CAN))
        self.return_to: tuple[str, ...] | None = tuple(place.value["return_to"]) if place.has("return_to") else None
        on_reject = place.value.get("on_reject", "end")
        self.reject_to: str | None = on_reject["return"] if isinstance(on_reject, dict) else None
        self.opinion: str = build.option(place, "opinion", "never")
        nobody = build.default(place, "if_nobody")
        self.if_nobody: str = nobody.value if nobody and isinstance(nobody.value, str) else "flow_admin"
        self.instead = nobody.who() if nobody and not isinstance(nobody.value, str) else None
        self.if_self: str = build.option(place, "if_self", "superior")
        self.skip_repeat: str = build.option(place, "skip_repeat", "none")
        self.resubmit: str = build.option(place, "resubmit", "straight_back")
        self.limits = limits.compile_limits(build.default(place, "limit"), build, place)
        self.place = place

    @property
    def needs_input(self) -> bool:
        """Whether nobody can agree without filling something in; such tasks are not decided in a batch."""
        return bool(self.rights.require or self.opinion == "always")

    @property
    def asks_input(self) -> bool:
        """Whether the step offers something to fill in, so that nothing may agree for a person."""
        return bool(self.rights.edit) or self.needs_input

    def reads(self) -> set[tuple[str, ...]]:
        return set(self.who.reads) if self.who else set()

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        asking.ask(run, token, self, returned=returned)

    def brief(self) -> str:
        return self.told


def _pools(roles: tuple[str, ...], rule: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The roles that sign by one of their holders: all together, or each for itself; none where everybody signs."""
    if rule["mode"] == "any":
        return (roles,) if roles and rule.get("reject_needs") != "all" else ()
    return tuple((role,) for role in roles) if len(roles) > 1 else ()
