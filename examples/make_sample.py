"""Write the sample data of the credit app: `python examples/make_sample.py [--to FOLDER]`.

The same files come out on every machine: the chance has a fixed seed, and the day is fixed, too.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from generator import customers, names, people, trade, workbook
from generator.customers import Customer
from generator.trade import Receivable

END = date(2026, 11, 21)
SEED = 2026
HERE = Path(__file__).parent / "credit" / "sample"

ORDER = """\
# What is loaded, in this order, on this day; every row goes through the same door as one that a person types.
- {today: 2026-11-21}
- {form: customer, file: customers.xlsx}
- {form: customer, file: credit_limits.xlsx, key: name}
- {form: contact, file: contacts.xlsx}
- {form: sales_order, file: orders.xlsx}
- {form: receivable, file: receivables.xlsx}
- {form: payment, file: payments.xlsx}
- {form: communication_log, file: communication_logs.xlsx}
- {form: visit, file: visits.xlsx}
- {form: satisfaction_survey, file: surveys.xlsx}
- {form: script, file: scripts.xlsx}
"""


def make(folder: Path) -> None:
    """Write all files of the sample into the folder."""
    random = Random(SEED)  # noqa: S311 nothing is secret here
    folder.mkdir(parents=True, exist_ok=True)
    companies = customers.make(random, END)
    claims = trade.receivables(random, companies, END)
    orders = trade.orders(random, companies, claims, END)
    people.write(folder / "people.yaml")
    (folder / "load.yaml").write_text(ORDER, encoding="utf-8")
    _customers(folder, companies, random)
    _claims(folder, claims)
    workbook.write(
        folder / "orders.xlsx",
        "销售订单",
        ["客户名称", "订单金额", "下单日期", "产品类别", "业务线", "销售", "状态"],
        [
            (o.customer.name, o.amount, o.ordered, o.category, o.customer.line, people.name(o.customer.owner), o.status)
            for o in orders
        ],
    )
    _contact(folder, companies, claims, random)


def _customers(folder: Path, companies: list[Customer], random: Random) -> None:
    head = "客户名称 统一社会信用代码 客户类型 行业 区域 省份 企业规模 客户来源 销售负责人"
    head += " 联系电话 客户联系人邮箱 注册地址 法定代表人 成立日期 注册资本 纳税人识别号 纳税人类型 财务健康分 行业口碑"
    rows = []
    for one in companies:
        source = random.choice(["自主开发", "客户介绍", "展会", "网络", "渠道伙伴"])
        road = (
            f"{one.city.province if one.city.province == one.city.name else one.city.province + one.city.name + '市'}"
        )
        address = f"{road}{random.choice(names.ROADS)}路{random.randrange(8, 900)}号"
        capital = Decimal(random.choice([100, 300, 500, 1000, 2000, 5000])) * 10000
        row: list[Any] = [
            one.name,
            one.code,
            one.kind,
            one.industry,
            one.city.region,
            one.city.province,
            one.size,
            source,
        ]
        row += [
            people.name(one.owner),
            names.landline(one.city.area, random),
            one.contact_email,
            address,
            one.legal_rep,
        ]
        row += [one.founded, capital, one.code, "一般纳税人" if one.scale > 0.6 else "小规模纳税人"]
        rows.append([*row, one.finance_score, one.reputation])
    workbook.write(folder / "customers.xlsx", "客户信息档案", head.split(), rows)
    limits = [(c.name, c.limit, c.term, END.replace(year=END.year + 1), c.grade) for c in companies]
    workbook.write(
        folder / "credit_limits.xlsx",
        "授信额度",
        ["客户名称", "授信额度", "批准账期", "额度有效期", "信用等级"],
        limits,
    )
    contacts = [
        (one.name, name, role, mail, phone, place == 0)
        for one in companies
        for place, (name, role, mail, phone) in enumerate(one.contacts)
    ]
    workbook.write(
        folder / "contacts.xlsx", "客户联系人", ["客户名称", "姓名", "角色", "邮箱", "手机", "主联系人"], contacts
    )


def _claims(folder: Path, claims: list[Receivable]) -> None:
    workbook.write(
        folder / "receivables.xlsx",
        "应收账款",
        ["应收单号", "客户名称", "应收金额", "发票日期", "约定付款日", "销售负责人", "业务线"],
        [
            (c.number, c.customer.name, c.amount, c.invoiced, c.due, people.name(c.customer.owner), c.customer.line)
            for c in claims
        ],
    )
    payments = [(c.number, c.customer.name, amount, on, method) for c in claims for amount, on, method in c.payments]
    workbook.write(
        folder / "payments.xlsx",
        "回款记录表",
        ["核销应收", "客户名称", "回款金额", "回款日期", "回款方式"],
        sorted(payments, key=lambda row: (row[3], row[0])),
    )


def _contact(folder: Path, companies: list[Customer], claims: list[Receivable], random: Random) -> None:
    """What people have talked about: calls on overdue claims, visits, surveys, and what to say on the phone."""
    workbook.write(
        folder / "communication_logs.xlsx",
        "沟通记录",
        ["客户名称", "应收单号", "沟通方式", "时间", "沟通纪要", "拖欠原因", "客户态度", "承诺付款日"],
        _calls(claims, random),
    )
    visits = [
        (c.name, END - timedelta(days=random.randrange(5, 200)), random.choice(["定期回访", "现场拜访", "电话回访"]),
         people.name(c.owner), "了解近期采购计划和付款安排，客户对交期满意。")
        for c in companies if c.scale > 1.1
    ]  # fmt: skip
    workbook.write(folder / "visits.xlsx", "客户回访", ["客户名称", "回访日期", "方式", "回访人", "纪要"], visits)
    surveys = [
        (c.name, END - timedelta(days=random.randrange(10, 300)), random.randrange(60, 100), random.randrange(3, 11))
        for c in random.sample(companies, 90)
    ]
    workbook.write(folder / "surveys.xlsx", "满意度调查", ["客户名称", "调查日期", "满意度", "推荐意愿"], surveys)
    workbook.write(folder / "scripts.xlsx", "催款话术", ["标题", "语气", "顺序", "适用阶段", "话术"], SCRIPTS)


CALLS = [
    ("发票丢失", "配合", "对方财务未收到发票，已补发副本，收到后一周内付款。"),
    ("流程审批中", "配合", "付款单已在对方领导处审批。"),
    ("资金紧张", "一般", "对方资金周转慢，愿意先付一部分。"),
    ("质量异议", "一般", "对最近一批货有异议，售后已跟进。"),
    ("资金紧张", "回避联系", "两次电话未接，前台转达。"),
]


def _calls(claims: list[Receivable], random: Random) -> Iterator[tuple[Any, ...]]:
    late = [claim for claim in claims if claim.open > 0 and (END - claim.due).days > 3]
    for claim in late:
        reason, attitude, note = random.choice(CALLS)
        on = claim.due + timedelta(days=random.randrange(3, (END - claim.due).days + 1))
        promise = (
            END + timedelta(days=random.randrange(2, 20)) if attitude != "回避联系" and random.random() < 0.5 else None
        )
        yield (
            claim.customer.name,
            claim.number,
            random.choice(["电话", "微信", "邮件"]),
            on,
            note,
            reason,
            attitude,
            promise,
        )


SCRIPTS = [
    (
        "询问付款计划",
        "温和询问计划",
        1,
        "逾期 1–15 天",
        "您好，想跟您核对一下这笔货款的付款安排，方便告诉我大概哪天付吗？",
    ),
    ("月底结账", "略带紧迫", 2, "逾期 1–15 天", "我们月底要结账，这笔款能否在本周内安排？需要什么资料我马上补给您。"),
    ("给出选择", "给出选择", 3, "逾期 16–45 天", "如果一次付清有困难，先付一部分，余款下周付，您看可以吗？"),
    (
        "长期合作",
        "强调长期合作",
        4,
        "逾期 16–45 天",
        "我们合作多年，一直很顺利。及时回款也方便我们继续给您留额度和排产。",
    ),
    (
        "说明后果",
        "说明后果",
        5,
        "逾期 45 天以上",
        "按合同约定，逾期会产生违约金，并可能暂停供货。我们不希望走到那一步。",
    ),
]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--to", type=Path, default=HERE, help="the folder to write into")
    make(arguments.parse_args().to)
