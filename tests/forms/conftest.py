"""An app with customers and orders, opened on both databases, with people of every role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import people
from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.principal import SYSTEM
from engine.work import Work
from forms.room import ROOM

FILES = {
    "roles.yaml": "sales: {label: 销售}\nfinance: {label: 财务}\naudit: {label: 审计}\n",
    "settings.yaml": "over_limit: {label: 超额, type: choice, options: {warn: 预警, block: 拦截}, default: block}\n",
    "forms/customer.yaml": """
label: 客户
title: "{{ name }}"
fields:
  name:            {type: text, label: 客户名称, required: true, search: true, max_length: 60}
  code:            {type: text, label: 编码, unique: true}
  grade:           {type: choice, label: 等级, options: {a: A, b: B, c: C}, default: b}
  owner:           {type: person, label: 负责人, default: user}
  credit_limit:    {type: money, label: 授信额度, default: 0, min: 0}
  score:           {type: integer, label: 评分, min: 0, max: 100, write: system}
  secret:          {type: text, label: 内部评语, read: [finance]}
  tags:            {type: tags, label: 标签}
  contacts:
    type: lines
    label: 联系人
    fields:
      name:   {type: text, label: 姓名, required: true}
      mobile: {type: phone, label: 手机}
  orders:          {type: related, label: 订单, form: order, via: customer}
  used:            {type: money, label: 已用额度, compute: "sum_of(orders, amount, status == 'open')"}
  available:       {type: money, label: 可用额度, compute: credit_limit - used}
guards:
  within_limit:
    require: available >= 0
    changes: [orders.amount, orders.status, orders.customer]
    mode: settings.over_limit
    message: "超出可用额度 {{ money(-available) }}"
    otherwise: {start: over_limit}
    override: {roles: [finance]}
access:
  rows: {sales: "owner == user or user.manages(owner)", finance: all}
  create: [sales, finance]
  update: [sales, finance]
  delete: [finance]
list:
  columns: [name, grade, credit_limit, available]
  sort: name
  totals: [credit_limit]
  views:
    good: {label: 优质, where: grade == 'a'}
""",
    "forms/order.yaml": """
label: 订单
title: "{{ number }}"
fields:
  number:   {type: serial, label: 订单号, format: "SO-{year}-{0000}"}
  customer: {type: reference, form: customer, label: 客户, required: true}
  amount:   {type: money, label: 金额, required: true, min: 0.01}
  ordered:  {type: date, label: 下单日期, default: today()}
  due:      {type: date, label: 到期日}
  status:   {type: choice, label: 状态, options: {pending: 待批, open: 执行中, cancelled: 取消}, default: open}
checks:
  - {require: due is None or due >= ordered, message: "到期日不能早于 {{ ordered }}", field: due}
access:
  rows: {sales: customer.owner == user, finance: all}
  create: [sales, finance]
  update: [sales, finance]
  delete: [finance]
""",
}
TEAM = {
    "departments": {"hq": {"label": "总部"}},
    "people": {
        "wang": {"name": "王敏", "roles": ["sales"], "superior": "zhao"},
        "li": {"name": "李雷", "roles": ["sales"]},
        "zhao": {"name": "赵总", "roles": ["sales"]},
        "fin": {"name": "钱多", "roles": ["finance"]},
        "out": {"name": "外人", "roles": []},
    },
}
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

Opened = Callable[..., "Shop"]


class Shop:
    """A running app whose units of work are opened by login."""

    def __init__(self, app: App) -> None:
        self.app = app

    def work(self, login: str | None = None, read: bool = False) -> AbstractContextManager[Work]:
        """A unit of work of this person, of the system for None."""
        if login is None:
            return self.app.work(SYSTEM, read=read)
        with self.app.work(SYSTEM, read=True) as work:
            principal = people.principal(work, login)
        return self.app.work(principal, read=read)

    def id(self, login: str) -> int:
        with self.app.work(SYSTEM, read=True) as work:
            return people.principal(work, login).id or 0


@pytest.fixture
def opened(database: Database, folder: Callable[[dict[str, str]], Path], tmp_path: Path) -> Iterator[Opened]:
    """Open an app from these files on top of the shop's, `None` takes a file away; again brings the next version."""

    def open_app(files: dict[str, Any] | None = None, team: dict[str, Any] = TEAM) -> Shop:
        shutil.rmtree(tmp_path / "app", ignore_errors=True)
        given = {name: text for name, text in {**FILES, **(files or {})}.items() if text is not None}
        app = App.open(folder(given), database, [ROOM], clock=SetClock(NOW))
        with app.work(SYSTEM) as work:
            people.load(work, team)
        return Shop(app)

    yield open_app


@pytest.fixture
def shop(opened: Opened) -> Shop:
    return opened()
