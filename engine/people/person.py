"""Person and department: what everyone may know of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
BAD_LOGIN = "账号只能用小写字母、数字和 . _ -"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with the app; never deleted, only deactivated."""

    id: int
    login: str
    name: str
    email: str | None = None
    mobile: str | None = None
    department: str | None = None
    superior: int | None = None
    active: bool = True
    locale: str | None = None
    pinyin: str = ""
    version: int = 1
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Department:
    id: str
    label: str
    parent: str | None = None
    head: int | None = None
