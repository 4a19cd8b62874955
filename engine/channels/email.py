"""E-mail over SMTP; with no server set up it stays visible in the outbox."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Callable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from engine.channels.base import Channel, Message, Outcome, channels
from engine.channels.smtp import MailServer
from engine.errors import DeliveryError


@channels.register("email")
class Email(Channel):
    """A plain text mail to one address.

    Its Message-ID comes from the message's key, so a receiver can tell a second copy from a second mail.
    """

    def deliver(self, message: Message, handing_over: Callable[[], None]) -> Outcome:
        server = MailServer.from_environment()
        if server is None:
            return "shown"
        mail = compose(message, server.sender)
        try:
            with server.connect() as talk:
                _expect(talk.mail(server.sender))
                _expect(talk.rcpt(message.recipient))
                handing_over()
                _expect(talk.data(mail.as_bytes()))
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        return "sent"


def compose(message: Message, sender: str) -> EmailMessage:
    """Build the mail; an address or a subject with a line break in it is refused for good."""
    mail = EmailMessage(policy=SMTP)
    try:
        message.recipient.encode("ascii")
        mail["From"] = Address(addr_spec=sender)
        mail["To"] = Address(addr_spec=message.recipient)
        mail["Subject"] = message.subject
        mail["Date"] = message.at
    except (ValueError, IndexError, MessageError) as error:  # the parser answers broken addresses in each of these ways
        raise DeliveryError(f"this cannot be the head of a mail: {error}", permanent=True) from error
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body, charset="utf-8")
    return mail


def _expect(reply: tuple[int, bytes]) -> None:
    code, words = reply
    if not 200 <= code < 300:
        raise _refused(code, words)


def _refused(code: int, words: bytes | str) -> DeliveryError:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return DeliveryError(f"the mail server answered {code} {text}", permanent=500 <= code < 600)
