"""The tables of people, and the stamp that changes with them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from engine.tables import Id, Instant, metadata

departments = Table(
    "g_department",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("label", String(200), nullable=False),
    Column("parent", String(80), ForeignKey("g_department.id")),
    Column("head_id", Id),  # no foreign key: departments and people point at each other
    Column("position", Integer, nullable=False, default=0),
)

persons = Table(
    "g_person",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("email", String(254)),
    Column("mobile", String(40)),
    Column("department", String(80), ForeignKey("g_department.id"), index=True),
    Column("superior_id", Id, ForeignKey("g_person.id"), index=True),
    Column("active", Boolean, nullable=False, default=True),
    Column("locale", String(20)),  # empty: the locale of the app
    Column("password_hash", String(200)),  # empty: cannot log in with a password
    Column("pinyin", String(400), nullable=False, default=""),  # "zhangsan zs", for the search box
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, default=1),
)

person_roles = Table(
    "g_person_role",
    metadata,
    Column("person_id", Id, ForeignKey("g_person.id"), primary_key=True),
    Column("role", String(80), primary_key=True, index=True),
)

# One row; a new random text with every change, so that a rolled back change can never be mistaken for another.
stamps = Table(
    "g_people_stamp",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stamp", String(32), nullable=False),
)
