"""Twin: the same business work written by hand with Flask and the SQLAlchemy ORM, as a good programmer would.

It checks the same five fields, and keeps no history, no events and no audit.
Run as a server by `python -m tests.bench.twin URL PORT`.
"""

from __future__ import annotations

import sys
import threading
from contextlib import nullcontext
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import waitress
from flask import Flask, jsonify, request
from sqlalchemy import BigInteger, Engine, ForeignKey, Index, Integer, create_engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, sessionmaker

Id = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "twin_customer"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    region: Mapped[str]


class Receivable(Base):
    __tablename__ = "twin_receivable"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("twin_customer.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)  # cents
    invoice_date: Mapped[date]
    due_date: Mapped[date]
    customer: Mapped[Customer] = relationship()
    __table_args__ = (Index("ix_twin_due", "due_date", "id"),)


class Payment(Base):
    __tablename__ = "twin_payment"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    receivable_id: Mapped[int] = mapped_column(ForeignKey("twin_receivable.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date]


class Application(Base):
    __tablename__ = "twin_application"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("twin_customer.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]


class Task(Base):
    __tablename__ = "twin_task"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("twin_application.id"), index=True)
    role: Mapped[str] = mapped_column(index=True)
    open: Mapped[bool]
    decided_by: Mapped[str | None]
    opinion: Mapped[str | None]


def connect(url: str) -> Engine:
    """An engine with the same care for data as Guiju's: WAL and full synchronisation, one writer at a time."""
    if not url.startswith("sqlite"):
        return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=10)
    engine = create_engine(url, pool_size=10)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


FIELDS = {"number", "customer", "amount", "invoice_date", "due_date"}


class Bad(Exception):
    """Words by field."""


def checked(session: Session, given: Any) -> Receivable:
    """A new receivable from JSON; Bad with every mistake."""
    if not isinstance(given, dict):
        raise Bad({"": "expected an object"})
    wrong: dict[str, str] = dict.fromkeys(given.keys() - FIELDS, "unknown")
    number, customer = given.get("number"), given.get("customer")
    if not isinstance(number, str) or not 0 < len(number) <= 40:
        wrong["number"] = "required, at most 40 characters"
    elif session.scalar(select(Receivable.id).where(Receivable.number == number)) is not None:
        wrong["number"] = "taken"
    if not isinstance(customer, int) or session.get(Customer, customer) is None:
        wrong["customer"] = "there is no such customer"
    cents = 0
    try:
        amount = Decimal(str(given.get("amount")))
        cents = int(amount * 100)
        if not amount.is_finite() or cents <= 0 or cents != amount * 100:
            wrong["amount"] = "expected a positive amount with two decimals"
    except (InvalidOperation, ValueError, OverflowError):
        wrong["amount"] = "expected an amount"
    days: dict[str, date] = {}
    for name in ("invoice_date", "due_date"):
        try:
            days[name] = date.fromisoformat(given.get(name, ""))
        except (TypeError, ValueError):
            wrong[name] = "expected a date"
    if len(days) == 2 and days["due_date"] < days["invoice_date"]:
        wrong["due_date"] = "not before the invoice"
    if wrong:
        raise Bad(wrong)
    return Receivable(number=number, customer_id=customer, amount=cents, **days)


def shown(one: Receivable) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "customer": {"id": one.customer_id, "title": one.customer.name},
        "amount": f"{one.amount // 100}.{one.amount % 100:02}",
        "invoice_date": one.invoice_date.isoformat(),
        "due_date": one.due_date.isoformat(),
    }


class Approvals:
    """An application with two approvals in turn; each call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.session = sessionmaker(engine)

    def start(self, customer: int, cents: int) -> int:
        with self.session.begin() as session:
            if session.get(Customer, customer) is None or cents <= 0:
                raise Bad({"customer": "unknown"})
            made = Application(customer_id=customer, amount=cents, status="running")
            session.add(made)
            session.flush()
            session.add(Task(application_id=made.id, role="finance", open=True))
            return made.id

    def approve(self, application: int, who: str, role: str, opinion: str) -> None:
        with self.session.begin() as session:
            wanted = select(Task).where(Task.application_id == application, Task.open, Task.role == role)
            task = session.scalars(wanted.with_for_update()).one()
            task.open, task.decided_by, task.opinion = False, who, opinion
            if role == "finance":
                session.add(Task(application_id=application, role="director", open=True))
            else:
                session.get_one(Application, application).status = "approved"


def app(url: str) -> Flask:
    engine = connect(url)
    session = sessionmaker(engine, expire_on_commit=False)
    turn: Any = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
    flask = Flask("twin")

    @flask.get("/floor")
    def floor() -> Any:
        return jsonify(ok=True)

    @flask.post("/receivables")
    def create() -> Any:
        with turn, session() as one:
            try:
                made = checked(one, request.get_json())
                one.add(made)
                one.commit()
            except Bad as bad:
                return jsonify(errors=bad.args[0]), 422
            except IntegrityError:
                return jsonify(errors={"number": "taken"}), 422
            return jsonify(shown(made)), 201

    @flask.get("/receivables")
    def listed() -> Any:
        wanted = select(Receivable).options(joinedload(Receivable.customer))
        with session() as one:
            found = one.scalars(wanted.order_by(Receivable.due_date.desc(), Receivable.id.desc()).limit(50))
            return jsonify(records=[shown(each) for each in found])

    return flask


if __name__ == "__main__":
    waitress.serve(app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), threads=8, ident=None)
