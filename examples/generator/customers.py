"""Customers: two hundred companies, some of them good payers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from generator import names
from generator.people import SELLERS
from generator.places import CITIES, City

COUNT = 200
ENDINGS = ["有限公司"] * 8 + ["股份有限公司", "集团有限公司"]

# Grade: share of customers, usual limit, agreed term in days, days from due to payment (low, high), share never paid.
GRADES = {
    "A": (0.26, 600_000, 90, (-22, 1), 0.0),
    "B": (0.52, 300_000, 60, (-18, 5), 0.001),
    "C": (0.16, 120_000, 30, (-14, 34), 0.006),
    "D": (0.06, 60_000, 30, (5, 95), 0.04),
}

# The cases of the articles, and the pair of a good payer and a large customer of middling grade.
CASES = [
    ("苏州", "恒拓", "精密机械", "机械制造", "A"),
    ("宁波", "海岳", "新材料", "化工材料", "B"),
    ("上海", "航远", "供应链管理", "物流运输", "B"),
    ("成都", "蜀川", "医疗器械", "医疗器械", "A"),
    ("广州", "南粤", "医用材料", "医用耗材", "C"),
    ("青岛", "瑞丰", "国际贸易", "商贸流通", "B"),
    ("天津", "渤海", "管业", "建筑建材", "D"),
    ("武汉", "楚天", "光电科技", "电子信息", "C"),
]


@dataclass
class Customer:
    """A company, and what the rest of the sample needs to know of it."""

    name: str
    city: City
    brand: str
    industry: str
    line: str
    grade: str
    scale: float  # how large its orders are, 1 is usual
    code: str
    founded: date
    owner: str
    legal_rep: str
    contacts: list[tuple[str, str, str, str]]  # name, role, e-mail, mobile
    limit: Decimal
    term: int
    finance_score: int
    reputation: int

    @property
    def contact_email(self) -> str:
        return self.contacts[0][2]

    @property
    def size(self) -> str:
        return "大型" if self.scale > 2 else "中型" if self.scale > 0.9 else "小型"

    @property
    def kind(self) -> str:
        return "战略大客户" if self.scale > 2 else "普通大客户" if self.scale > 0.7 else "小额分散客户"


def make(random: Random, end: date) -> list[Customer]:
    """The customers, the named cases first; no two have the same name."""
    found: list[Customer] = []
    taken: set[str] = set()
    cities = {city.name: city for city in CITIES}
    for city, brand, word, industry, grade in CASES:
        found.append(_customer(random, end, cities[city], brand, word, industry, grade, 2.4))
        taken.add(city + brand)
    while len(found) < COUNT:
        city_ = random.choices(CITIES, [city.weight for city in CITIES])[0]
        brand = random.choice(list(names.BRANDS))
        industry = random.choices(list(names.INDUSTRIES), [told[2] for told in names.INDUSTRIES.values()])[0]
        grade = random.choices(list(GRADES), [told[0] for told in GRADES.values()])[0]
        if city_.name + brand in taken:
            continue
        taken.add(city_.name + brand)
        word = random.choice(names.INDUSTRIES[industry][0])
        scale = round(random.lognormvariate(-0.25, 0.6), 2)
        found.append(_customer(random, end, city_, brand, word, industry, grade, scale))
    return found


def _customer(
    random: Random, end: date, city: City, brand: str, word: str, industry: str, grade: str, scale: float
) -> Customer:
    domain = f"{names.BRANDS[brand]}-{city.pinyin}.example"
    roles = ["财务", "采购"] if random.random() < 0.75 else ["财务"]
    mailboxes = {"财务": "caiwu", "采购": "caigou"}
    contacts = [(names.person(random), role, f"{mailboxes[role]}@{domain}", names.mobile(random)) for role in roles]
    _, limit, term, _, _ = GRADES[grade]
    rounded = Decimal(max(1, round(limit * min(max(scale, 0.5), 3) / 10_000)) * 10_000)
    sellers = SELLERS[city.region]
    return Customer(
        name=f"{city.name}{brand}{word}{random.choice(ENDINGS)}",
        city=city,
        brand=brand,
        industry=industry,
        line=names.INDUSTRIES[industry][1],
        grade=grade,
        scale=scale,
        code=names.credit_code(city.code, random),
        founded=end - timedelta(days=random.randrange(900, 9000)),
        owner=sellers[0] if scale > 1.6 else random.choice(sellers),
        legal_rep=names.person(random),
        contacts=contacts,
        limit=rounded,
        term=term,
        finance_score={"A": 88, "B": 76, "C": 64, "D": 48}[grade] + random.randrange(-6, 7),
        reputation={"A": 90, "B": 80, "C": 68, "D": 50}[grade] + random.randrange(-8, 9),
    )
