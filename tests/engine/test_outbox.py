"""Outbox and e-mail: against a real SMTP server that accepts, refuses, hangs up or falls silent."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from engine import audit, outbox, trays, worker
from engine.app import App
from engine.channels.smtp import MailServer
from engine.claims import claim
from engine.clock import SetClock
from engine.errors import DeliveryError
from engine.events import Cause
from engine.principal import SYSTEM, Principal

WANG = Principal(7, "wang", "王")


class PostOffice:
    """Keeps what it accepted; answers at each step as it is told to."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.hang_up = False

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.accepted.append(message)
        if self.hang_up:  # taken, but the answer never arrives
            assert server.transport is not None
            server.transport.abort()
        return answer


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    handler = PostOffice()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setenv("GUIJU_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("GUIJU_SMTP_FROM", "credit@example.com")
    yield handler
    controller.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def send(
    app: App, key: str = "k", to: str = "zhang@example.com", subject: str = "逾期提醒", body: str = "您好，\n请付款。"
) -> int:
    with app.work(WANG, cause=Cause("rule", "overdue")) as work:
        return outbox.send(work, "email", to, subject=subject, body=body, key=key)


def only(app: App) -> outbox.Row:
    with app.work(SYSTEM, read=True) as work:
        (row,) = outbox.rows(work)
        return row


def test_a_mail_arrives_whole(app: App, office: PostOffice, clock: SetClock) -> None:
    send(app)
    assert worker.drain(app) == 1
    (mail,) = office.accepted
    assert (mail["From"], mail["To"], mail["Subject"]) == ("credit@example.com", "zhang@example.com", "逾期提醒")
    assert mail.get_content().replace("\r\n", "\n") == "您好，\n请付款。\n"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == clock.now()
    row = only(app)
    assert (row.state, row.sent_at, row.attempts, row.error) == ("sent", clock.now(), 1, None)
    assert (row.cause_kind, row.cause_id) == ("rule", "overdue")


def test_the_same_key_is_one_mail(app: App, office: PostOffice) -> None:
    assert send(app) == send(app)
    assert worker.drain(app) == 1
    assert send(app, subject="又一次") == only(app).id
    assert worker.drain(app) == 0
    assert len(office.accepted) == 1


def test_what_is_undone_is_never_sent(app: App, office: PostOffice) -> None:
    with pytest.raises(ZeroDivisionError), app.work(WANG) as work:
        outbox.send(work, "email", "a@example.com", subject="s", body="b", key="k")
        raise ZeroDivisionError
    assert worker.drain(app) == 0
    assert office.accepted == []


def test_with_no_server_it_stays_visible_and_is_not_called_sent(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUIJU_SMTP_URL", raising=False)
    send(app)
    assert worker.drain(app) == 1
    assert (only(app).state, only(app).sent_at) == ("shown", None)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_refusal_for_now_is_tried_again(app: App, office: PostOffice, clock: SetClock, step: str) -> None:
    office.answers[step] = "451 try again later"
    send(app)
    worker.drain(app)
    row = only(app)
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "the mail server answered 451 try again later")
    office.answers.clear()
    assert worker.drain(app) == 0
    clock.set(clock.now().replace(minute=30))
    worker.drain(app)
    assert (only(app).state, only(app).attempts, len(office.accepted)) == ("sent", 2, 1)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_refusal_for_good_is_parked(app: App, office: PostOffice, step: str) -> None:
    office.answers[step] = "550 no such mailbox"
    send(app)
    worker.drain(app)
    assert (only(app).state, only(app).error) == ("failed", "the mail server answered 550 no such mailbox")
    office.answers.clear()
    with app.work(WANG) as work:
        trays.retry(work, only(app).job_id, "邮箱已开通")
    worker.drain(app)
    assert (only(app).state, len(office.accepted)) == ("sent", 1)


def test_no_server_answering_is_tried_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIJU_SMTP_URL", "smtp://127.0.0.1:9")
    send(app)
    worker.drain(app)
    assert only(app).state == "waiting"
    assert "refused" in (only(app).error or "")


def test_no_answer_after_the_text_is_left_to_a_person(app: App, office: PostOffice) -> None:
    """The server has taken the mail and hung up; sending again on our own could double it."""
    office.hang_up = True
    send(app)
    worker.drain(app)
    assert (only(app).state, len(office.accepted)) == ("uncertain", 1)
    assert worker.drain(app) == 0
    with app.work(WANG) as work:
        outbox.confirm(work, only(app).job_id, "客户来电说已收到")
    assert only(app).state == "sent"
    with app.work(WANG, read=True) as work:
        assert audit.rows(work, limit=1)[0].detail["reason"] == "客户来电说已收到"


def test_sending_again_is_recognised_by_its_message_id(app: App, office: PostOffice) -> None:
    office.hang_up = True
    send(app)
    worker.drain(app)
    office.hang_up = False
    with app.work(WANG) as work:
        trays.retry(work, only(app).job_id, "客户说没收到")
    worker.drain(app)
    first, second = office.accepted
    assert first["Message-ID"] == second["Message-ID"]
    send(app, key="other")
    worker.drain(app)
    assert office.accepted[2]["Message-ID"] != first["Message-ID"]


def test_a_worker_that_dies_while_handing_over_leaves_it_to_a_person(app: App, office: PostOffice) -> None:
    send(app)
    (claimed,) = claim(app)
    claimed.hand_over(app)
    with app.work(SYSTEM) as work:
        work.driver("UPDATE g_job SET lease_until = 0")
    assert worker.drain(app) == 0
    app.due()
    assert (only(app).state, office.accepted) == ("uncertain", [])


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("zhang@example.com\r\nBcc: all@example.com", "x"),
        ("zhang@example.com, li@example.com", "x"),
        ("zhang@example.com", "x\r\nBcc: all@example.com"),
        ("zhang@example.com", "x\nX-Header: 1"),
        ("<zhang@example.com> BODY=8BITMIME", "x"),
        ("nobody", "x\n"),
        ("", "x"),
        ("张@example.com", "x"),
    ],
)
def test_what_would_forge_a_header_is_refused_for_good(app: App, office: PostOffice, to: str, subject: str) -> None:
    send(app, to=to, subject=subject)
    worker.drain(app)
    assert (only(app).state, office.accepted) == ("failed", [])
    assert "cannot be the head of a mail" in (only(app).error or "")


def test_a_body_cannot_end_the_mail_early(app: App, office: PostOffice) -> None:
    send(app, body="a\r\n.\r\nMAIL FROM:<evil@example.com>\r\n.b")
    worker.drain(app)
    (mail,) = office.accepted
    assert mail.get_content().replace("\r\n", "\n") == "a\n.\nMAIL FROM:<evil@example.com>\n.b\n"


def test_an_unknown_channel_is_parked_by_name(app: App) -> None:
    with app.work(WANG) as work:
        outbox.send(work, "pigeon", "roof", subject="s", body="b", key="k")
    worker.drain(app)
    assert (only(app).state, only(app).error) == ("failed", "there is no channel 'pigeon' here")


def test_rows_page_and_filter(app: App) -> None:
    for number in range(5):
        send(app, key=str(number), to=f"p{number % 2}@example.com")
    with app.work(SYSTEM, read=True) as work:
        first = outbox.rows(work, limit=3)
        assert [row.key for row in first] == ["4", "3", "2"]
        assert [row.key for row in outbox.rows(work, limit=3, before=first[-1].id)] == ["1", "0"]
        assert [row.key for row in outbox.rows(work, recipient="p1@example.com")] == ["3", "1"]
        assert outbox.rows(work, channel="sms") == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_login_is_made_where_one_is_set_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    office = PostOffice()
    options = {"authenticator": authenticate, "auth_require_tls": False, "auth_required": True}
    controller = Controller(office, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        monkeypatch.setenv("GUIJU_SMTP_URL", f"smtp://mailer:p%40ss@127.0.0.1:{controller.port}")
        send(app)
        worker.drain(app)
    finally:
        controller.stop()
    assert (only(app).state, seen) == ("sent", [(b"mailer", b"p@ss")])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://user:secret@mail.example.com", "in the clear"),
        ("http://mail.example.com", "is not smtp://"),
        ("smtp://", "with a host"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_without_its_password(url: str, words: str) -> None:
    with pytest.raises(DeliveryError, match=words) as refused:
        MailServer.from_environment({"GUIJU_SMTP_URL": url})
    assert "secret" not in str(refused.value)


def test_server_urls() -> None:
    server = MailServer.from_environment({"GUIJU_SMTP_URL": "smtps://u:p@mail.example.com"})
    assert server is not None
    assert (server.host, server.port, server.user, server.sender) == (
        "mail.example.com",
        465,
        "u",
        "guiju@mail.example.com",
    )
    assert MailServer.from_environment({}) is None
