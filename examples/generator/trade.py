"""Trade: invoices and payments of eighteen months, and the orders that are still open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from generator.customers import GRADES, Customer

COUNT = 3000
MONTHS = 18
# How business goes through the year: January to December, weak around the spring festival.
SEASON = [0.95, 0.6, 1.0, 1.05, 1.0, 1.05, 0.95, 0.95, 1.1, 0.9, 1.15, 1.3]
METHODS = ["银行转账"] * 7 + ["承兑汇票"] * 2 + ["信用证"]
CATEGORIES = ["零部件", "整机", "原材料", "耗材", "服务"]


@dataclass
class Receivable:
    """One claim with the payments it has had."""

    number: str
    customer: Customer
    amount: Decimal
    invoiced: date
    due: date
    payments: list[tuple[Decimal, date, str]] = field(default_factory=list)

    @property
    def open(self) -> Decimal:
        return self.amount - sum((paid for paid, _, _ in self.payments), Decimal(0))


@dataclass
class Order:
    customer: Customer
    amount: Decimal
    ordered: date
    category: str
    status: str


def receivables(random: Random, customers: list[Customer], end: date) -> list[Receivable]:
    """The claims in order of their invoices, numbered by year."""
    start = end - timedelta(days=round(MONTHS * 30.4))
    days = [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
    weights = [SEASON[day.month - 1] * (1.0 if day.weekday() < 5 else 0.08) for day in days]
    drawn = sorted(random.choices(days, weights, k=COUNT))
    scales = [customer.scale**0.7 for customer in customers]
    found: list[Receivable] = []
    count: dict[int, int] = {}
    for invoiced in drawn:
        customer = random.choices(customers, scales)[0]
        count[invoiced.year] = count.get(invoiced.year, 0) + 1
        claim = Receivable(
            number=f"AR-{invoiced.year}-{count[invoiced.year]:04d}",
            customer=customer,
            amount=_amount(random, customer),
            invoiced=invoiced,
            due=invoiced + timedelta(days=customer.term),
        )
        _pay(random, claim, end)
        found.append(claim)
    return found


def orders(random: Random, customers: list[Customer], claims: list[Receivable], end: date) -> list[Order]:
    """Finished orders of the last year, and open ones as far as the limits allow."""
    found = [
        Order(
            claim.customer,
            claim.amount,
            claim.invoiced - timedelta(days=random.randrange(3, 20)),
            _category(random),
            "已完成",
        )
        for claim in random.sample(claims, 420)
    ]
    owed: dict[str, Decimal] = {}
    for claim in claims:
        owed[claim.customer.name] = owed.get(claim.customer.name, Decimal(0)) + claim.open
    for customer in customers:
        room = customer.limit - owed.get(customer.name, Decimal(0))
        amount = _amount(random, customer)
        if amount < room * Decimal("0.6") and random.random() < 0.45 and not _long_overdue(claims, customer, end):
            found.append(
                Order(customer, amount, end - timedelta(days=random.randrange(1, 25)), _category(random), "执行中")
            )
    return sorted(found, key=lambda order: (order.ordered, order.customer.name))


def _long_overdue(claims: list[Receivable], customer: Customer, end: date) -> bool:
    return any(claim.open > 0 and (end - claim.due).days > 15 for claim in claims if claim.customer is customer)


def _category(random: Random) -> str:
    return random.choice(CATEGORIES)


def _amount(random: Random, customer: Customer) -> Decimal:
    """Between a few thousand and a few hundred thousand, often a round sum, sometimes with odd cents."""
    yuan = min(
        random.lognormvariate(10.6, 0.55) * customer.scale * {"A": 1.2, "B": 1.0, "C": 0.6, "D": 0.4}[customer.grade],
        900_000,
    )
    if random.random() < 0.7:
        return Decimal(max(1, round(yuan / 100)) * 100)
    return Decimal(round(yuan * 100)) / 100


def _pay(random: Random, claim: Receivable, end: date) -> None:
    """Let the customer pay as its grade does, in one or two parts, as far as the day has come."""
    _, _, _, (early, late), never = GRADES[claim.customer.grade]
    if random.random() < never:
        return
    # Since summer the worst payers have become slower still: the trend that the reports should show.
    drift = 12 if claim.customer.grade in "CD" and claim.invoiced > end - timedelta(days=150) else 0
    on = claim.due + timedelta(days=round(random.triangular(early, late + drift, (early + late) / 2)))
    on = max(on, claim.invoiced)
    method = random.choice(METHODS)
    if random.random() < 0.12:
        first = (claim.amount * Decimal(random.choice([3, 4, 5, 6])) / 10).quantize(Decimal("0.01"))
        if on <= end:
            claim.payments.append((first, on, method))
        on += timedelta(days=random.randrange(10, 35))
        if on <= end:
            claim.payments.append((claim.amount - first, on, method))
    elif on <= end:
        claim.payments.append((claim.amount, on, method))
