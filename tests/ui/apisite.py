"""An app for the tests of the API: a form with every kind of field, a guard, a hidden field, a flow and a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from engine import keys, people
from engine.app import App
from engine.clock import Clock
from engine.database import Database
from engine.principal import SYSTEM
from tests.conftest import BASE
from ui.compose import ROOMS
from ui.web import create

FILES = {
    "roles.yaml": "sales: {label: 销售}\nboss: {label: 主管, can: [sandbox, people]}\nguest: {label: 访客}\n",
    "forms/client.yaml": """\
label: 客户
title: "{{ name }}"
fields:
  name:   {type: text, label: 名称, required: true, unique: true, search: true}
  limit:  {type: money, label: 额度, default: 0, min: 0}
  owner:  {type: person, label: 负责人, default: user}
  secret: {type: text, label: 机密, read: [boss], write: [boss]}
  deals:  {type: related, label: 生意, form: deal, via: client}
  used:   {type: money, label: 已用, compute: "sum_of(deals, amount)"}
guards:
  within:
    require: used <= limit
    changes: [deals.amount]
    message: "超出额度 {{ money(used - limit) }}"
access:
  rows: {sales: owner == user, boss: all}
  create: [sales, boss]
  update: [sales, boss]
  delete: [boss]
  export: [sales, boss]
  import: [boss]
list: {columns: [name, limit, used]}
""",
    "forms/deal.yaml": """\
label: 生意
fields:
  client: {type: reference, label: 客户, form: client, required: true}
  amount: {type: money, label: 金额, required: true, min: 0}
  day:    {type: date, label: 日期, default: today()}
  kind:   {type: choice, label: 种类, options: {a: 甲, b: 乙}}
access: {rows: {sales: client.owner == user, boss: all}, create: [sales, boss], update: [sales, boss]}
""",
    "forms/thing.yaml": """\
label: 物件
fields:
  name:     {type: text, label: 名称, required: true, max_length: 40}
  note:     {type: long_text, label: 说明}
  rich:     {type: rich_text, label: 富文本}
  count:    {type: integer, label: 数量, min: 0}
  score:    {type: number, label: 分数, decimals: 3}
  share:    {type: percent, label: 比例}
  price:    {type: money, label: 价格}
  day:      {type: date, label: 日}
  at:       {type: datetime, label: 时刻}
  hour:     {type: time, label: 时间}
  span:     {type: duration, label: 时长}
  done:     {type: boolean, label: 完成}
  grade:    {type: choice, label: 等级, options: {a: A, b: B}}
  colors:   {type: choices, label: 颜色, options: {red: 红, blue: 蓝}}
  tags:     {type: tags, label: 标签}
  mail:     {type: email, label: 邮箱}
  phone:    {type: phone, label: 电话}
  site:     {type: url, label: 网址}
  home:     {type: address, label: 地址}
  place:    {type: geo, label: 位置}
  person:   {type: person, label: 人}
  dept:     {type: department, label: 部门}
  role:     {type: role, label: 角色}
  number:   {type: serial, label: 编号, format: "T-{0000}"}
  files:    {type: file, label: 文件, multiple: true}
  answer:   {type: json, label: 回执}
  client:   {type: reference, label: 客户, form: client}
  parts:
    type: lines
    label: 明细
    max_rows: 5
    fields: {item: {type: text, label: 项, required: true}, qty: {type: integer, label: 数}}
  double:   {type: money, label: 两倍, compute: price * 2}
access: {rows: {sales: all, boss: all}, create: [sales, boss], update: [sales, boss], delete: [sales, boss]}
""",
    "flows/big_deal.yaml": """\
label: 大单审批
form: client
start: {who: {role: sales}}
steps:
  - {approve: boss, label: 主管, who: {role: boss}, opinion: on_reject, fields: {edit: [limit]}}
""",
    "datasets/deals.yaml": """\
label: 生意
of: deal
time: day
dimensions: {kind: {label: 种类, field: kind}}
measures: {amount: {label: 金额, sum: amount}, count: {label: 笔数, count: true}}
""",
    "reports/board.yaml": """\
label: 看板
roles: [sales, boss]
filters: {kind: {type: choice, label: 种类, binds: {deals: kind}}}
widgets:
  total: {type: number, label: 金额, show: deals.amount}
  kinds: {type: bar, label: 各种类, show: deals.amount, by: kind}
layout: {columns: 12, rows: [[total 4, kinds 8]]}
""",
}

PEOPLE = {
    "departments": {"east": {"label": "华东"}},
    "people": {
        "li": {"name": "李", "roles": ["boss"]},
        "wang": {"name": "王", "roles": ["sales"], "superior": "li"},
        "zhao": {"name": "赵", "roles": ["sales"], "superior": "li"},
        "gu": {"name": "顾", "roles": ["guest"]},
    },
}


def write_app(root: Path, files: Mapping[str, str]) -> None:
    """Write an app folder."""
    for name, text in {**BASE, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def opened(folder: Path, database: Database, clock: Clock | None = None) -> Api:
    """The app of this folder with its people, and its API."""
    app = App.open(folder, database, ROOMS, clock)
    with app.work(SYSTEM) as work:
        people.load(work, PEOPLE)
    return Api(app, create(app))


@dataclass
class Api:
    """The API of one app, called in the name of a person."""

    app: App
    flask: Flask
    keys: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def key(self, login: str, *scopes: str) -> str:
        """The text of a key of this person."""
        name = (login, scopes or ("admin",))
        if name not in self.keys:
            with self.app.work(SYSTEM) as work:
                person = people.find(work, login)
                assert person is not None
                self.keys[name] = keys.create(work, person.id, "test", list(name[1]))[1]
        return self.keys[name]

    def person(self, login: str) -> int:
        with self.app.work(SYSTEM, read=True) as work:
            found = people.find(work, login)
            assert found is not None
            return found.id

    def call(
        self, method: str, path: str, sent: Any = None, *, who: str | None = "wang", key: str = "", **headers: str
    ) -> TestResponse:
        """Send a request; headers are named with underscores, `sent` is JSON unless it is bytes."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key or who:
            given.setdefault("Authorization", f"Bearer {key or self.key(str(who))}")
        if sent is not None:
            given.setdefault("Content-Type", "application/json")
        data = sent if isinstance(sent, bytes) or sent is None else json.dumps(sent, ensure_ascii=False).encode()
        return self.flask.test_client().open(f"/api/v1{path}", method=method, data=data, headers=given)

    def made(self, form: str, sent: Mapping[str, Any], who: str = "wang") -> dict[str, Any]:
        """A record just created."""
        answer = self.call("POST", f"/forms/{form}/records", sent, who=who)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem details of a refusal, checked to be ones."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    told: dict[str, Any] = answer.json
    assert told["status"] == status and told["title"] and told["type"].startswith("urn:guiju:problem:")
    return told
