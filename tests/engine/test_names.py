"""Did you mean."""

from __future__ import annotations

import pytest

from engine.errors import Mark
from engine.names import hint, listed, nearest, unknown

FIELDS = ["customer", "credit_limit", "grade", "name", "id"]
LABELS = {"客户名称": "name", "授信额度": "credit_limit", "等级": "grade"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("custmer", "customer"),
        ("cutsomer", "customer"),
        ("Customer", "customer"),
        ("credit_limt", "credit_limit"),
        ("nmae", "name"),
        ("grad", "grade"),
        ("客户名称", "name"),
        ("客户名", "name"),
        ("授信额", "credit_limit"),
        ("x", None),
        ("ie", None),
        ("banana", None),
        ("", None),
    ],
)
def test_the_nearest_name(typed: str, meant: str | None) -> None:
    assert nearest(typed, FIELDS, LABELS) == meant


def test_the_nearest_of_several_wins() -> None:
    assert nearest("amount_du", ["amount", "amount_due", "amount_dun"]) == "amount_due"


def test_an_unknown_name_says_what_to_do() -> None:
    mark = Mark("rules/overdue.yaml", 6, 5)
    assert str(unknown("action", "notfy", ["notify", "set"], mark)) == (
        "rules/overdue.yaml:6:5: there is no action 'notfy'\n  hint: did you mean 'notify'?"
    )
    assert unknown("action", "fly", ["notify", "set"], None).hint == "known are notify, set"
    assert hint("fly", []) is None


def test_a_long_list_is_cut() -> None:
    assert listed(f"n{number}" for number in range(15)) == ", ".join(f"n{n}" for n in range(12)) + " and 3 more"
