"""Passwords: argon2id, long rather than odd, and one answer whatever was wrong."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from engine import audit, people, sessions, throttle
from engine.clock import Clock, SystemClock
from engine.errors import AccessDenied, GuijuError, InputError
from engine.people import Person
from engine.people.tables import persons
from engine.principal import SYSTEM

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

SHORTEST, LONGEST = 12, 1024
FEWEST_DIFFERENT = 5
PRODUCT = "guiju"
# fmt: off
COMMON = frozenset((
    "123456789012", "1234567890123", "12345678901234", "0123456789ab", "1q2w3e4r5t6y", "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv", "qwertyuiop12", "qwertyuiop123", "qwerty123456", "qwer1234asdf", "asdfghjkl123",
    "zxcvbnm12345", "abcd12345678", "abc123456789", "a1234567890b", "aa1234567890", "password1234", "password12345",
    "password123456", "passw0rd1234", "p@ssw0rd1234", "p@ssword1234", "admin1234567", "administrator",
    "administrator1", "welcome12345", "welcome123456", "letmein12345", "iloveyou1234", "iloveyou5201314",
    "woaini1314520", "woaini5201314", "5201314520131", "changeme1234", "changeme12345", "qwe123qwe123",
    "asd123456789", "zxc123456789", "football1234", "superman1234", "sunshine1234", "princess1234", "dragon123456",
    "monkey123456", "computer1234", "internet1234", "trustno11234", "abcdefghijkl", "abcdefg12345",
))
# fmt: on

clock: Clock = SystemClock()  # the machine's own: a sandbox clock moved by a month must not end anybody's wait
_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)


class LoginRefused(GuijuError):
    """Login and password do not fit, or the person may not log in; the words never say which."""

    def __init__(self) -> None:
        super().__init__("账号或密码不正确")


def login(app: App, login: str, typed: str, *, address: str) -> int:
    """The id of the person whose login and password these are; opens its own transactions.

    The slow check runs outside of them. Raises LoginRefused or `throttle.Throttled`. The caller opens the session.
    """
    login, typed = login.strip().lower()[:80], typed[: LONGEST + 1]
    now = clock.now()
    with app.work(SYSTEM) as work:
        person = people.find(work, login)
        known = person is not None and sessions.seen_from(work, person.id, address)
        lanes = throttle.lanes(login, address, known=known)
        throttle.begin(work, lanes, now)
        stored = _hash_of(work, person)
    right = _fits(stored or _dummy(), typed) and stored is not None
    with app.work(SYSTEM) as work:
        if right and person is not None:
            throttle.succeed(work, lanes, now)
            if _hasher.check_needs_rehash(str(stored)):
                _store(work, person.id, typed)
        subject = f"person:{person.id}" if person else "person:unknown"
        audit.write(work, "login.accepted" if right else "login.refused", subject, {"address": address})
    if not right or person is None:
        raise LoginRefused
    return person.id


def change(work: Work, old: str, new: str) -> None:
    """Give the acting person a new password; the old one is needed, and all sessions end. InputError otherwise."""
    if work.principal.id is None:
        raise AccessDenied("只有人员可以修改自己的密码")
    person = people.get(work, work.principal.id)
    stored = _hash_of(work, person)
    if stored is None or not _fits(stored, old):
        raise InputError({"old": "原密码不正确"})
    set_password(work, person.id, new)


def set_password(work: Work, person_id: int, new: str) -> None:
    """Give somebody a password, as an admin or the command line does; all sessions of that person end."""
    person = people.get(work, person_id)
    if person_id != work.principal.id:
        people.may_touch(work, person)
    check(work, person, new)
    _store(work, person_id, new)
    sessions.close_all(work, person_id)
    audit.write(work, "password.change", f"person:{person_id}")


def check(work: Work, person: Person, new: str) -> None:
    """Raise InputError when a password is too easy to guess; no rules about odd characters."""
    low = new.lower()
    own = {person.login.lower(), person.name.lower(), work.catalog.app.lower(), work.catalog.title.lower(), PRODUCT}
    wrong = None
    if len(new) < SHORTEST:
        wrong = f"密码至少 {SHORTEST} 个字符"
    elif len(new) > LONGEST:
        wrong = f"密码最多 {LONGEST} 个字符"
    elif low in COMMON or len(set(low)) < FEWEST_DIFFERENT:
        wrong = "这个密码太常见, 请换一个"
    elif any(word in low for word in own if len(word) >= 2) and len(low) < 20:
        wrong = "密码不能包含账号、姓名或应用名称"
    if wrong:
        raise InputError({"password": wrong})


def _hash_of(work: Work, person: Person | None) -> str | None:
    if person is None or not person.active:
        return None
    return work.execute(select(persons.c.password_hash).where(persons.c.id == person.id)).scalar()


@cache
def _dummy() -> str:
    """What is checked for unknown logins, so that they take as long."""
    return _hasher.hash(secrets.token_urlsafe())


def _fits(stored: str, typed: str) -> bool:
    try:
        return _hasher.verify(stored, typed)
    except (VerificationError, InvalidHashError):
        return False


def _store(work: Work, person_id: int, new: str) -> None:
    work.execute(update(persons).where(persons.c.id == person_id).values(password_hash=_hasher.hash(new)))
