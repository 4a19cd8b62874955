"""Votes: when the signers of a visit have decided; whole numbers only, constant work per vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Verdict = Literal["approve", "reject"]


def verdict(rule: Mapping[str, Any], total: int, agreed: int, refused: int, live: int) -> Verdict | None:
    """Return the outcome of a visit, None while it is open.

    `rule` holds `mode` (any, all, sequence, vote), `reject_needs` and, for a vote, `percent` or `count`.
    `total` counts everybody who signs, `live` those who have not yet done so; abstentions are in `total` only.
    """
    mode = rule["mode"]
    if mode == "vote":
        return _vote(rule, total, agreed, live)
    if mode == "any":
        return _any(rule, agreed, refused, live)
    if refused and (rule.get("on_refusal") != "wait_all" or not live):
        return "reject"
    return "approve" if not live and agreed else None


def _any(rule: Mapping[str, Any], agreed: int, refused: int, live: int) -> Verdict | None:
    if agreed:
        return "approve"
    if rule.get("reject_needs") == "all":
        return "reject" if refused and not live else None
    return "reject" if refused else None


def _vote(rule: Mapping[str, Any], total: int, agreed: int, live: int) -> Verdict | None:
    weight, need = (1, rule["count"]) if "count" in rule else (100, rule["percent"] * total)
    if agreed * weight >= need:
        return "approve"
    return "reject" if (agreed + live) * weight < need else None
