"""Keys: programs that act for a person through the API; the secret is shown once and kept as a hash.

Expiry and last use run on the machine's own clock, as sessions do.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, insert, select, update

from engine import audit, people
from engine.clock import Clock, SystemClock
from engine.errors import AccessDenied, Busy, InputError, NotFound
from engine.principal import SYSTEM, Principal
from engine.tables import Id, Instant, Json, metadata

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

ACTIONS = ("read", "write", "admin")  # what a key may do at all; admin: settings, people, publishing, sandbox
ROLE = "role:"  # role:sales narrows the person's roles to this one
TOUCH_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"ak_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")

clock: Clock = SystemClock()

table = Table(
    "g_key",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("public", String(16), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("person_id", Id, nullable=False, index=True),
    Column("label", String(200), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("addresses", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used", Instant),
    Column("revoked_at", Instant),
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key without its secret; `principal` is who acts through it now."""

    id: int
    public: str
    person_id: int
    label: str
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used: datetime | None
    revoked_at: datetime | None
    principal: Principal | None = None

    def allows(self, action: str) -> bool:
        """True when the key may `read`, `write` or `admin`; each holds those before it."""
        highest = max(ACTIONS.index(scope) for scope in self.scopes if scope in ACTIONS)
        return ACTIONS.index(action) <= highest


def create(
    work: Work,
    person_id: int,
    label: str,
    scopes: Sequence[str],
    *,
    expires_at: datetime | None = None,
    addresses: Sequence[str] = (),
) -> tuple[Key, str]:
    """Make a key for a person and answer it with its text, which cannot be shown again.

    `scopes` are actions and `role:` names, `addresses` networks such as 10.0.0.0/8 (none: from anywhere).
    What the key may do is what the person may do when it is used, narrowed by its scopes.
    """
    _may(work, person_id)
    _check(work, label, scopes, expires_at, addresses)
    person = people.get(work, person_id)
    public, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    values: dict[str, Any] = {
        "public": public, "secret_hash": _hash(secret), "person_id": person.id, "label": label.strip(),
        "scopes": list(scopes), "addresses": list(addresses), "created_at": clock.now(), "expires_at": expires_at,
    }  # fmt: skip
    id = work.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    audit.write(work, "key.create", f"key:{id}", {"person": person.login, "label": label, "scopes": list(scopes)})
    return get(work, id), f"ak_{public}_{secret}"


def check(app: App, text: str, *, address: str = "") -> Key | None:
    """The key with this text and its principal, or None: unknown, revoked, expired, person gone, wrong address."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    now = clock.now()
    with app.work(SYSTEM, read=True) as work:
        row = work.execute(select(table).where(table.c.public == form[1])).one_or_none()
        if row is None or not hmac.compare_digest(row.secret_hash, _hash(form[2])):
            return None
        key = _key(row)
        if key.revoked_at or (key.expires_at and key.expires_at <= now) or not _from(address, key.addresses):
            return None
        try:
            principal = people.principal(work, key.person_id)
        except NotFound:
            return None
    if key.last_used is None or now - key.last_used >= TOUCH_EVERY:
        _touch(app, key.id, now)
    return replace(key, principal=_narrowed(principal, key.scopes))


def get(work: Work, id: int) -> Key:
    row = work.execute(select(table).where(table.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"没有编号为 {id} 的密钥")
    return _key(row)


def of(work: Work, person_id: int | None = None) -> list[Key]:
    """The keys of a person, or all, newest first; revoked ones too."""
    found = select(table).order_by(table.c.id.desc())
    if person_id is not None:
        found = found.where(table.c.person_id == person_id)
    return [_key(row) for row in work.execute(found)]


def revoke(work: Work, id: int) -> None:
    """End a key at once; nothing happens to one that has ended."""
    key = get(work, id)
    _may(work, key.person_id)
    if key.revoked_at is None:
        work.execute(update(table).where(table.c.id == id).values(revoked_at=clock.now()))
        audit.write(work, "key.revoke", f"key:{id}")


def _check(
    work: Work, label: str, scopes: Sequence[str], expires_at: datetime | None, addresses: Sequence[str]
) -> None:
    wrong: dict[str, str] = {}
    if not label.strip() or len(label) > 200:
        wrong["label"] = "请填写名称, 最多 200 个字"
    known = {*ACTIONS, *(f"{ROLE}{role}" for role in work.catalog.roles)}
    if unknown := [scope for scope in scopes if scope not in known]:
        wrong["scopes"] = f"没有权限范围 {', '.join(unknown)}; 可用: {', '.join(sorted(known))}"
    elif not set(scopes) & set(ACTIONS):
        wrong["scopes"] = f"请至少选择一项: {', '.join(ACTIONS)}"
    if expires_at is not None and expires_at <= clock.now():
        wrong["expires_at"] = "到期时间应在将来"
    for text in addresses:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            wrong["addresses"] = f"{text} 不是网段, 例如 10.0.0.0/8"
    if wrong:
        raise InputError(wrong)


def _may(work: Work, person_id: int) -> None:
    """Keys are made and ended by their person or by who may manage people, and never through another key."""
    if work.cause.kind == "api":
        raise AccessDenied("密钥只能在登录后管理")
    if work.principal.id != person_id and not work.catalog.may(work.principal, "people"):
        raise AccessDenied("只能管理自己的密钥")


def _touch(app: App, id: int, now: datetime) -> None:
    try:
        with app.database.write() as connection:
            connection.execute(update(table).where(table.c.id == id).values(last_used=now))
    except Busy:
        return  # the next request will mark it; nobody has to wait for that


def _narrowed(principal: Principal, scopes: tuple[str, ...]) -> Principal:
    """The person with only the roles that the key names, when it names any."""
    named = {scope.removeprefix(ROLE) for scope in scopes if scope.startswith(ROLE)}
    return replace(principal, roles=principal.roles & named) if named else principal


def _from(address: str, networks: tuple[str, ...]) -> bool:
    if not networks:
        return True
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in networks)
    except ValueError:
        return False


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Any) -> Key:
    return Key(
        row.id, row.public, row.person_id, row.label, tuple(row.scopes), tuple(row.addresses), row.created_at,
        row.expires_at, row.last_used, row.revoked_at,
    )  # fmt: skip
