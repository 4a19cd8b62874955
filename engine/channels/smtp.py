"""The mail server that the operator has set up in GUIJU_SMTP_URL, and one conversation with it."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from engine.errors import DeliveryError

SECONDS = 20  # for each step of the conversation
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out: `smtp://`, `smtp+starttls://` or `smtps://`, `user:password@host:port`."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None
    sender: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> MailServer | None:
        """Return the server of GUIJU_SMTP_URL, which sends as GUIJU_SMTP_FROM; None when there is none."""
        environment = os.environ if environment is None else environment
        url = environment.get("GUIJU_SMTP_URL")
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise DeliveryError("GUIJU_SMTP_URL is not smtp://, smtp+starttls:// or smtps:// with a host")
        if parts.username and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            raise DeliveryError("GUIJU_SMTP_URL would send a password in the clear; use smtp+starttls:// or smtps://")
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        sender = environment.get("GUIJU_SMTP_FROM") or f"guiju@{parts.hostname}"
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], user, password, sender)

    @contextmanager
    def connect(self) -> Iterator[smtplib.SMTP]:
        """Open a conversation; how it is closed changes nothing about what was said in it."""
        server = self._open()
        try:
            server.ehlo_or_helo_if_needed()
            if self.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self.user:
                server.login(self.user, self.password or "")
            yield server
            with suppress(OSError):
                server.quit()
        finally:
            server.close()

    def _open(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)
