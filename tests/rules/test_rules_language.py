"""Mistakes in rule and report files are told at their place, with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.errors import ConfigErrors
from ui.compose import kinds

APP = {
    "roles.yaml": "finance: {label: 财务}\n",
    "settings.yaml": "days: {label: 天数, type: integer, default: 15}\n",
    "forms/bill.yaml": """
label: 账单
fields:
  number: {type: text, label: 单号}
  grade: {type: choice, label: 等级, options: {a: A, b: B}}
  score: {type: integer, label: 分}
  amount: {type: money, label: 金额}
  due_date: {type: date, label: 到期日}
  owner: {type: person, label: 负责人}
  double: {type: money, label: 双倍, compute: amount + amount}
access: {rows: {finance: all}}
""",
    "datasets/bills.yaml": """
label: 账单
of: bill
time: due_date
dimensions: {grade: {label: 等级, field: grade}}
measures: {total: {label: 合计, sum: amount}, share: {label: 比, ratio: [total, total]}}
""",
}
RULE = 'label: 规则\nrecord: bill\ntrigger: {daily: "08:00"}\n'
REPORT = "label: 报表\nroles: [finance]\nlayout: {columns: 12, rows: [[w 12]]}\nwidgets:\n"


def told(folder: Callable[[dict[str, str]], Path], name: str, text: str) -> str:
    root = folder({**APP, name: text})
    with pytest.raises(ConfigErrors) as caught:
        Catalog.load(root, kinds())
    return str(caught.value).replace(f"{root}/", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("label: x\n", "rules/r.yaml:1:1: it does not say what kind of rule it is"),
        (
            RULE + "when: amount > 0\ndo: [{notfy: {to: owner, text: x}}]\n",
            "rules/r.yaml:5:7: there is no key 'notfy' here",
        ),
        (
            RULE + "when: amont > 0\ndo: [{notify: {to: owner, text: x}}]\n",
            "rules/r.yaml:4:7: there is no name 'amont'",
        ),
        (RULE + "when: amount\ndo: [{notify: {to: owner, text: x}}]\n", "rules/r.yaml:4:7: "),
        (RULE + "when: amount > 0\ndo: [{set: {fields: {grad: a}}}]\n", "rules/r.yaml:5:22: there is no field 'grad'"),
        (RULE + "when: amount > 0\ndo: [{set: {fields: {double: 1}}}]\n", "'double' is computed and cannot be set"),
        (RULE + "when: amount > 0\ndo: [{email: {to: number, template: none}}]\n", "there is no template 'none'"),
        (RULE + "when: amount > 0\ndo: [{start: {flow: none}}]\n", "there is no flow 'none'"),
        (RULE + "when: amount > 0\n", "the rule does nothing"),
        (
            "label: x\nladder: bill\nanchor: amount\nwhile: amount > 0\nsteps: {a: {at: +1 day, do: []}}\n",
            "rules/r.yaml:3:9: 'amount' is not a date that is kept",
        ),
        (
            "label: x\nladder: bill\nanchor: due_date\nwhile: amount > 0\n"
            "steps:\n  b: {at: +5 days, do: []}\n  a: {at: +1 day, do: []}\n",
            "rules/r.yaml:7:11: the step 'a' is not later than the one before it",
        ),
        (
            "decide: bill.grade\ninputs: [score]\nrows: [{if: score >= 50, then: a}, {if: score >= 40, then: b}]\n",
            "this row overlaps another at 50",
        ),
        (
            "decide: bill.grade\ninputs: [score]\nrows: [{if: score > 50, then: a}, {if: score < 50, then: b}]\n",
            "no row holds between 50 and just above 50",
        ),
        ("decide: bill.grade\ninputs: [score]\nrows: [{if: score > 50, then: c}]\n", "there is no option 'c'"),
    ],
)
def test_a_mistake_in_a_rule(folder: Callable[[dict[str, str]], Path], text: str, expected: str) -> None:
    assert expected in told(folder, "rules/r.yaml", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  w: {type: bar, show: bills.total}\n", "a bar needs 'by'"),
        ("  w: {type: bar, show: bills.totl, by: grade}\n", "there is no measure 'totl'"),
        ("  w: {type: bar, show: bils.total, by: grade}\n", "there is no dataset 'bils'"),
        ("  w: {type: bar, show: bills.total, by: grad}\n", "there is no dimension 'grad'"),
        ("  w: {type: brr, show: bills.total}\n", "there is no widget type 'brr'"),
        ("  w: {type: number, show: [bills.total, bills.share]}\n", "a number shows one measure"),
        ("  w: {type: gauge, show: bills.share, targt: 0.9}\n", "there is no key 'targt' here"),
        ("  v: {type: number, show: bills.total}\n", "there is no widget 'w'"),
    ],
)
def test_a_mistake_in_a_report(folder: Callable[[dict[str, str]], Path], text: str, expected: str) -> None:
    assert expected in told(folder, "reports/r.yaml", REPORT + text)


def test_rules_that_feed_each_other_are_refused(folder: Callable[[dict[str, str]], Path]) -> None:
    level = "label: x\nrecord: bill\nfire: level\n"
    files = {
        **APP,
        "rules/a.yaml": level
        + "trigger: {changes: [amount]}\nwhen: amount > 0\ndo: [{set: {fields: {score: score + 1}}}]\n",
        "rules/b.yaml": level
        + "trigger: {changes: [score]}\nwhen: score > 0\ndo: [{set: {fields: {amount: amount + 1}}}]\n",
    }
    with pytest.raises(ConfigErrors, match="rules feed each other: a -> b -> a"):
        Catalog.load(folder(files), kinds())
