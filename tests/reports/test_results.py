"""Widgets on real records: the same numbers on both databases, sums that tie, and nobody sees what is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import people
from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.errors import InputError, NotFound
from engine.events import Cause
from engine.principal import SYSTEM
from forms import records
from reports import results
from ui.compose import ROOMS

NOW = datetime(2026, 3, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

FILES = {
    "roles.yaml": "sales: {label: 销售}\nfinance: {label: 财务}\n",
    "settings.yaml": "bands: {label: 账龄, type: bands, default: [0, 30]}\n",
    "forms/customer.yaml": """
label: 客户
title: "{{ name }}"
fields:
  name: {type: text, label: 名称, required: true, unique: true}
  region: {type: choice, label: 区域, options: {east: 华东, south: 华南}}
access: {rows: {finance: all, sales: all}}
""",
    "forms/bill.yaml": """
label: 账单
title: "{{ number }}"
dated: billed_on
fields:
  number: {type: text, label: 单号, required: true}
  customer: {type: reference, form: customer, label: 客户, required: true}
  owner: {type: person, label: 负责人}
  amount: {type: money, label: 金额, required: true}
  billed_on: {type: date, label: 开票日, required: true}
  due_date: {type: date, label: 到期日, required: true}
  payments: {type: related, form: payment, via: bill, label: 回款}
  open_amount: {type: money, label: 未付, compute: "amount - sum_of(payments, amount)"}
  overdue: {type: integer, label: 逾期天数, compute: "days_between(due_date, today())"}
access: {rows: {finance: all, sales: owner == user}}
""",
    "forms/payment.yaml": """
label: 回款
dated: paid_on
fields:
  bill: {type: reference, form: bill, label: 账单, required: true}
  paid_on: {type: date, label: 回款日, required: true}
  amount: {type: money, label: 金额, required: true}
access: {rows: {finance: all, sales: bill.owner == user}}
""",
    "datasets/bills.yaml": """
label: 账单
of: bill
time: billed_on
dimensions:
  customer: {label: 客户, field: customer}
  region: {label: 区域, field: customer.region}
  owner: {label: 负责人, field: owner}
  aging: {label: 账龄, band: {of: overdue, edges: settings.bands, below: 未到期}}
measures:
  balance: {label: 余额, sum: open_amount, format: money}
  overdue: {label: 逾期, sum: open_amount, where: overdue > 0, format: money, good: down}
  rate: {label: 逾期率, ratio: [overdue, balance], format: percent, good: down}
  mean: {label: 平均天数, avg: overdue, where: overdue > 0, format: days}
  longest: {label: 最长, max: overdue, format: days}
  bills: {label: 笔数, count: true}
  customers: {label: 客户数, distinct: customer}
  billed: {label: 开票, sum: amount, format: money, good: up}
""",
    "reports/board.yaml": """
label: 看板
roles: [finance, sales]
filters:
  period: {type: date_range, label: 期间, default: all, binds: {bills: billed_on}}
  region: {type: choice, label: 区域, binds: {bills: region}}
widgets:
  balance: {type: number, show: bills.balance}
  billed: {type: number, show: bills.billed, compare: {to: previous_period}}
  rate: {type: gauge, show: bills.rate, target: 0.5}
  aging: {type: bar, show: bills.balance, by: region, stack: aging}
  bands: {type: pie, show: bills.balance, by: aging}
  top: {type: leaderboard, show: bills.overdue, by: customer, top: 2}
  trend: {type: line, show: [bills.billed, bills.rate], by: month, last: 12}
  quarters: {type: line, show: bills.rate, by: quarter, last: 2}
  sheet:
    {type: table, by: owner, show: [bills.balance, bills.rate, bills.mean, bills.longest, bills.bills, bills.customers]}
layout:
  columns: 12
  rows: [[balance 3, billed 3, rate 6], [aging 6, bands 6], [top 6, trend 6], [quarters 6, sheet 6]]
""",
}
BILLS = [  # number, customer, owner, amount, billed, due, paid
    ("B1", "甲", "li", "100.10", "2026-01-05", "2026-02-01", "0"),
    ("B2", "甲", "li", "200.20", "2026-02-05", "2026-03-10", "100.20"),
    ("B3", "乙", "wang", "300.30", "2026-02-20", "2026-03-31", "0"),
    ("B4", "丙", "wang", "400.40", "2026-03-02", "2026-03-19", "400.40"),
    ("B5", "丙", "li", "50.05", "2026-03-18", "2026-04-30", "0"),
]


@pytest.fixture
def app(folder: Callable[[dict[str, str]], Path], database: Database) -> Iterator[App]:
    built = App.open(folder(FILES), database, ROOMS, SetClock(NOW))
    with built.work(SYSTEM, cause=Cause("scenario", "given")) as work:
        people.load(
            work,
            {
                "people": {
                    "li": {"name": "李", "roles": ["sales"]},
                    "wang": {"name": "王", "roles": ["sales"]},
                    "zhou": {"name": "周", "roles": ["finance"]},
                }
            },
        )
        ids = {
            name: records.save(work, "customer", {"name": name, "region": region}).id
            for name, region in (("甲", "east"), ("乙", "east"), ("丙", "south"))
        }
        for number, customer, owner, amount, billed, due, paid in BILLS:
            values = {
                "number": number,
                "customer": ids[customer],
                "owner": people.principal(work, owner).id,
                "amount": Decimal(amount),
                "billed_on": billed,
                "due_date": due,
            }
            bill = records.save(work, "bill", values).id
            if paid != "0":
                records.save(work, "payment", {"bill": bill, "amount": Decimal(paid), "paid_on": "2026-03-15"})
    yield built
    built.close()


def show(app: App, widget: str, login: str = "zhou", as_of: date | None = None, **filters: str) -> results.Result:
    with app.work(SYSTEM, read=True) as work:
        principal = people.principal(work, login)
    with app.work(principal, read=True) as work:
        return results.compute(work, "board", widget, filters, as_of)


def test_a_number_is_exact_to_the_cent(app: App) -> None:
    assert show(app, "balance").value == Decimal("550.45")


def test_each_person_sees_the_sum_of_their_own_rows(app: App) -> None:
    assert show(app, "balance", "li").value == Decimal("250.15")
    assert show(app, "balance", "wang").value == Decimal("300.30")


def test_bands_follow_the_setting_and_add_up(app: App) -> None:
    result = show(app, "bands")
    assert [(line.label, line.values[0]) for line in result.lines] == [
        ("未到期", Decimal("350.35")),
        ("1–30", Decimal("100.00")),
        ("> 30", Decimal("100.10")),
    ]
    assert result.total is not None
    assert result.total.values[0] == show(app, "balance").value


def test_stacked_parts_add_up_to_the_whole(app: App) -> None:
    result = show(app, "aging")
    assert sum(value or 0 for line in result.lines for value in line.values) == Decimal("550.45")
    assert [line.label for line in result.lines] == ["华东", "华南"]
    assert [series.label for series in result.series] == ["未到期", "1–30", "> 30"]


def test_a_ratio_divides_sums_and_a_quarter_is_not_the_mean_of_its_months(app: App) -> None:
    rate = show(app, "rate").value
    assert rate == Decimal("200.10") / Decimal("550.45")
    quarters = show(app, "quarters")
    assert [line.label for line in quarters.lines] == ["2025 Q4", "2026 Q1"]
    assert [line.values[0] for line in quarters.lines] == [None, rate]


def test_twelve_months_are_twelve_points(app: App) -> None:
    trend = show(app, "trend")
    assert len(trend.lines) == 12
    assert (trend.lines[0].label, trend.lines[-1].label) == ("2025-04", "2026-03")
    assert [line.values[0] for line in trend.lines[-4:]] == [0, Decimal("100.10"), Decimal("500.50"), Decimal("450.45")]
    assert trend.more["unfinished"] is True


def test_half_a_month_is_compared_with_half_a_month(app: App) -> None:
    change = show(app, "billed", period="this_month").change
    assert change is not None
    assert change.before == Decimal("500.50")  # February up to the 20th
    assert change.verdict == "bad"
    assert "02-20" in change.label


def test_a_ranking_takes_the_first_in_order(app: App) -> None:
    result = show(app, "top")
    assert [(line.label, line.values[0]) for line in result.lines] == [("甲", Decimal("200.10"))]


def test_every_kind_of_measure(app: App) -> None:
    lines = {line.label: line.values for line in show(app, "sheet").lines}
    balance, rate, mean, longest, bills, customers = lines["李"]
    assert (balance, bills, customers, longest) == (Decimal("250.15"), 3, 2, 47)
    assert mean == Decimal(57) / 2
    assert rate == Decimal("200.10") / Decimal("250.15")


@pytest.mark.parametrize("widget", ["bands", "aging", "top", "sheet", "trend"])
@pytest.mark.parametrize("login", ["zhou", "li"])
def test_the_records_behind_a_number_add_up_to_it(app: App, widget: str, login: str) -> None:
    result = show(app, widget, login)
    with app.work(SYSTEM, read=True) as work:
        principal = people.principal(work, login)
    with app.work(principal, read=True) as work:
        for line in result.lines:
            for series, value, drill in zip(result.series, line.values, line.drills, strict=True):
                if series.id in ("rate", "mean", "longest", "customers") or drill is None:
                    continue
                page = records.find(work, drill.form, where=drill.where, count="exact")
                field = "amount" if series.id == "billed" else "open_amount"
                found = page.total if series.id == "bills" else sum((row[field] for row in page.rows), Decimal(0))
                assert (found or 0) == (value or 0), (line.label, series.label, drill.where)


def test_filters_narrow_and_bad_ones_are_refused(app: App) -> None:
    assert show(app, "balance", region="south").value == Decimal("50.05")
    assert show(app, "balance", region="south,east").value == Decimal("550.45")
    assert show(app, "balance", period="2026-03-01..").value == Decimal("50.05")
    for name, value in (
        ("region", "north"),
        ("region", "east' or 1 == 1 or region == 'east"),
        ("period", "2026-13-01.."),
        ("period", "2026-03-02..2026-03-01"),
        ("regio", "east"),
    ):
        with pytest.raises(InputError):
            show(app, "balance", **{name: value})


def test_unknown_reports_widgets_and_future_dates_are_refused(app: App) -> None:
    with app.work(SYSTEM, read=True) as work:
        for report, widget in (("bord", "balance"), ("board", "balanc")):
            with pytest.raises(NotFound):
                results.compute(work, report, widget)
        with pytest.raises(InputError):
            results.compute(work, "board", "balance", as_of=date(2027, 1, 1))


def test_a_summary_tells_the_picture(app: App) -> None:
    assert show(app, "bands").summary == "余额：最高 未到期 350.35；合计 550.45"


@pytest.mark.parametrize(
    ("day", "balance", "overdue"),
    [
        ("2026-01-31", "100.10", "0.00"),  # B1 only, not due
        ("2026-03-09", "1001.00", "100.10"),  # B1 to B4, nothing paid yet
        ("2026-03-14", "1001.00", "300.30"),  # B2 has fallen due
        ("2026-03-15", "500.40", "200.10"),  # the payments of that day count
        ("2026-03-20", "550.45", "200.10"),
    ],
)
def test_a_past_day_reads_as_it_was(app: App, day: str, balance: str, overdue: str) -> None:
    as_of = date.fromisoformat(day)
    assert show(app, "balance", as_of=as_of).value == Decimal(balance)
    assert sum(line.values[0] for line in show(app, "top", as_of=as_of).lines) == Decimal(overdue)
