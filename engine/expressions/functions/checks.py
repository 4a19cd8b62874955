"""Checks of what people type: Chinese company and identity numbers, phones, e-mail, bank cards. Python only."""

from __future__ import annotations

import re
from datetime import date

from engine.expressions import types
from engine.expressions.functions.base import function

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_SHAPE = re.compile(rf"[1-9A-HJ-NP-RTUW-Y][1-9][0-9]{{6}}[{_USCC}]{{10}}")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PHONE = re.compile(r"(\+?86[- ]?)?(1[3-9]\d{9}|0\d{2,3}-?[2-9]\d{6,7}(-\d{1,6})?|[48]00-?\d{3}-?\d{4})", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def valid_uscc(code: str) -> bool:
    """Unified social credit code, GB 32100-2015: 18 characters, the last one a check character (modulo 31)."""
    if not _USCC_SHAPE.fullmatch(code):
        return False
    total = sum(_USCC.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    return _USCC[(31 - total % 31) % 31] == code[17]


def valid_id_card(code: str) -> bool:
    """Identity number, GB 11643-1999: a real birthday and an ISO 7064 check character (modulo 11)."""
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", code, re.ASCII):
        return False
    try:
        date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(code[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == code[17].upper()


def valid_bank_card(code: str) -> bool:
    """12 to 19 digits with a Luhn check digit; blanks between groups do not count."""
    digits = code.replace(" ", "")
    if not re.fullmatch(r"\d{12,19}", digits, re.ASCII):
        return False
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def valid_phone(number: str) -> bool:
    """A mobile number, a landline with area code, or a 400/800 number of mainland China."""
    return _PHONE.fullmatch(number.strip()) is not None


def valid_email(address: str) -> bool:
    return len(address) <= 254 and ".." not in address and _EMAIL.fullmatch(address) is not None


_YES = types.boolean(nullable=False)

function(
    "valid_uscc",
    ("text",),
    _YES,
    python=valid_uscc,
    says="{0}是有效的统一社会信用代码",
    examples=[("valid_uscc('91350100M000100Y43')", True), ("valid_uscc('91350100M000100Y44')", False)],
)
function(
    "valid_id_card",
    ("text",),
    _YES,
    python=valid_id_card,
    says="{0}是有效的身份证号",
    examples=[("valid_id_card('11010519491231002X')", True), ("valid_id_card('110105194912310021')", False)],
)
function(
    "valid_bank_card",
    ("text",),
    _YES,
    python=valid_bank_card,
    says="{0}是有效的银行卡号",
    examples=[("valid_bank_card('6222 0000 0000 0000')", False), ("valid_bank_card('4111111111111111')", True)],
)
function(
    "valid_phone",
    ("text",),
    _YES,
    python=valid_phone,
    says="{0}是有效的电话号码",
    examples=[
        ("valid_phone('13800138000')", True),
        ("valid_phone('021-58581234')", True),
        ("valid_phone('12345')", False),
    ],
)
function(
    "valid_email",
    ("text",),
    _YES,
    python=valid_email,
    says="{0}是有效的邮箱地址",
    examples=[("valid_email('li.na@example.com')", True), ("valid_email('li@na@example.com')", False)],
)
