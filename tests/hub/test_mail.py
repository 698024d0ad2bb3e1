"""Mail by a real SMTP server: links that set a password and invite; who asks learns nothing of who has an address."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import statistics
import time
from email import message_from_bytes

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from tests.hub.browsing import PASSWORD, browsing, set_passwords
from tests.hub.conftest import ENVIRONMENT, HubServer

from spaceport.errors import InvalidInput, TransportError
from spaceport.hub.identity.mail import Mailer, MailOptions
from spaceport.hub.state import Hub

SENDER = "hub@example.org"


class Inbox:
    """What a server has taken. `refuse`: what it says instead."""

    def __init__(self) -> None:
        self.mails: list = []
        self.refuse = ""

    async def handle_DATA(self, _server, _session, envelope):
        if self.refuse:
            return self.refuse
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"

    def wait(self, count=1):
        end = time.monotonic() + 30
        while len(self.mails) < count and time.monotonic() < end:
            time.sleep(0.05)
        assert len(self.mails) == count, self.mails
        return self.mails[-1]

    def link(self, count=1):
        _, mail = self.wait(count)
        return re.search(
            r"http://\S+", re.sub(r"^.*(?=http\S+/(?:reset|join|confirm))", "", text_of(mail), flags=re.S)
        )[0]


def text_of(mail):
    return mail.get_payload(decode=True).decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def inbox():
    return Inbox()


@pytest.fixture(scope="module")
def server(inbox):
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    with contextlib.suppress(Exception):
        controller.stop()


@pytest.fixture(autouse=True)
def _empty(inbox):
    inbox.mails.clear()
    inbox.refuse = ""


@pytest.fixture(scope="module")
def hub(tmp_path_factory, server):
    environment = {"SPACEPORT_HUB_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "SPACEPORT_HUB_SMTP_FROM": SENDER}
    found = HubServer(tmp_path_factory.mktemp("hub"), environment=environment)
    set_passwords(found, "ann", "bob", "admin")
    yield found
    found.stop()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(browser, address, **headers):
    return browser.http.post("/api/password-reset-mails", json={"email": address}, headers=headers)


def test_who_forgot_the_password_gets_a_link_by_mail(hub, inbox):
    hub.run("users", "email", "ann", "Ann@x.org")
    with browsing(hub, None) as (ann,):
        assert "Forgot your password?" in ann.http.get("/login").text
        evil = {"x-forwarded-host": "evil.org"}
        assert ann.http.post("/forgot", data={"email": "ann@X.org"}, headers=evil).status_code == 202
        (to,), mail = inbox.wait()
        assert (to, mail["From"], mail["Auto-Submitted"]) == ("ann@X.org", SENDER, "auto-generated")
        link = inbox.link()
        assert link.startswith(f"{hub.url}/reset/"), "whatever the request calls the hub"
        assert ann.http.post(link, data={"password": PASSWORD + " new"}).status_code == 303
        assert ann.name() == "ann"
        assert ann.http.get(link).status_code == 404, "it works once"
        hub.run("users", "email", "ann")
        assert ask(ann, "ann@x.org").status_code == 202
        time.sleep(0.5)
        assert len(inbox.mails) == 1
    set_passwords(hub, "ann")


def test_the_answer_and_its_time_tell_nothing_of_who_has_an_address(hub, inbox):
    with contextlib.closing(Hub(hub.data)) as state:
        for number in range(15):
            user = state.accounts.add(f"member-of-{number}")
            state.emails.set(user, f"member{number}@x.org")
    times = {"member": [], "nobody": []}
    with browsing(hub, None) as (browser,):
        answers = set()
        for number in range(15):
            for who, took in times.items():
                began = time.perf_counter()
                answer = ask(browser, f"{who}{number}@x.org")
                took.append(time.perf_counter() - began)
                answers.add((answer.status_code, answer.content, str(sorted(set(answer.headers) - {"date"}))))
        assert len(answers) == 1
        assert ask(browser, "no address").status_code == 400
        assert ask(browser, "x@y.org\r\nBcc: z@y.org").status_code == 400
    inbox.wait(15)
    known, unknown = (statistics.median(found) for found in times.values())
    assert 0.3 < known / unknown < 3, times


def test_one_address_gets_few_mails_and_one_sender_may_ask_for_few(hub, inbox):
    hub.run("users", "email", "bob", "bob@x.org")
    with browsing(hub, None) as (browser,):
        assert {ask(browser, "bob@x.org").status_code for _ in range(6)} == {202}
        inbox.wait(3)
        time.sleep(0.5)
        assert len(inbox.mails) == 3
        statuses = [ask(browser, f"{number}@x.org").status_code for number in range(60)]
        assert statuses[-1] == 429
    hub.kill()
    hub.start()  # others may ask again


def test_an_address_counts_once_it_is_confirmed(hub, inbox):
    email = "/api/account/email"
    with browsing(hub, "bob", None) as (bob, other):
        hub.run("users", "email", "bob")
        assert bob.http.get(email).json() == {"email": "", "mail": True}
        assert bob.http.put(email, json={"email": "b@x.org", "password": "wrong"}).status_code == 401
        assert bob.http.put(email, json={"email": "b@x.org", "password": PASSWORD}).status_code == 202
        link = inbox.link()
        assert bob.http.get(email).json()["email"] == ""
        assert "b@x.org is the address of bob" in other.http.get(link).text
        assert bob.http.get(email).json()["email"] == "", "to look changes nothing: programs look at links in mails"
        assert other.http.post(link).status_code == 200
        assert bob.http.get(email).json()["email"] == "b@x.org"
        assert other.http.get(link).status_code == 404
        assert bob.http.request("DELETE", email, json={"password": PASSWORD}).status_code == 200
        assert bob.http.get(email).json()["email"] == ""


def test_an_invitation_is_mailed_and_its_link_is_never_lost(hub, inbox, server):
    with browsing(hub, "admin", None) as (admin, new):
        made = admin.http.post("/api/invitations", json={"email": "new@x.org"}).json()
        assert (made["mailed"], inbox.link()) == (True, made["link"])
        assert new.http.get(inbox.link()).status_code == 200
        assert admin.http.post("/api/invitations", json={"email": "a, b"}).status_code == 400
        inbox.refuse = "554 No mail for you"
        made = admin.http.post("/api/invitations", json={"email": "new@x.org"}).json()
        assert (made["mailed"], "No mail for you" in made["problem"]) == (False, True)
        assert new.http.get(made["link"]).status_code == 200
        status = admin.http.get("/api/mail").json()
        assert (status["configured"], status["failed"] > 0, "No mail" in status["problem"]["text"]) == (
            True,
            True,
            True,
        )
        assert new.http.get("/api/mail").status_code in (401, 403)
        inbox.refuse = ""
        hub.run("orgs", "add", "crew", "admin")
        made = admin.http.post("/api/organizations/crew/invitations", json={"role": "read", "email": "n@x.org"}).json()
        assert (made["mailed"], inbox.link(2)) == (True, made["link"])


def test_a_server_that_is_down_for_a_moment_gets_the_mail_later(hub, inbox, server):
    hub.run("users", "email", "ann", "ann2@x.org")
    with browsing(hub, None) as (ann,):
        inbox.refuse = "451 Try again later"
        assert ask(ann, "ann2@x.org").status_code == 202
        time.sleep(1)
        inbox.refuse = ""
        assert ann.http.get(inbox.link()).status_code == 200


def test_the_command_mails_an_invitation_or_says_why_not(hub, inbox, server, monkeypatch):
    about = ("invites", "add", "--email", "cli@x.org", "--hub", hub.url)
    said = hub.run(*about, status=1)
    assert "SPACEPORT_HUB_SMTP_URL" in said
    assert f"{hub.url}/join/" in said, "the link is there all the same"
    monkeypatch.setitem(ENVIRONMENT, "SPACEPORT_HUB_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
    monkeypatch.setitem(ENVIRONMENT, "SPACEPORT_HUB_SMTP_FROM", SENDER)
    assert hub.run(*about).strip() == inbox.link()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server does not see that all of it is in TLS
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_over_tls_with_a_password(inbox, authority, scheme, tmp_path, monkeypatch):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    known = []

    def authenticate(_server, _session, _envelope, _mechanism, data):
        known.append((data.login, data.password))
        return AuthResult(success=data.password == b"s:3@cret")

    tls = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": scheme != "smtps"}
    controller = Controller(inbox, hostname="localhost", port=free_port(), **tls, **options)
    controller.start()
    try:
        mailer = Mailer(MailOptions(f"{scheme}://me:s%3A3%40cret@localhost:{controller.port}", SENDER))
        await mailer.send("a@b.org", "Hello", "Text, ünd more")
        assert (known[-1], mailer.sent, text_of(inbox.wait()[1])) == ((b"me", b"s:3@cret"), 1, "Text, ünd more\n")
        wrong = Mailer(MailOptions(f"{scheme}://me:wrong@localhost:{controller.port}", SENDER))
        with pytest.raises(TransportError, match="could not be sent"):
            await wrong.send("a@b.org", "Hello", "Text")
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(TransportError):  # nobody vouches for its certificate
            await mailer.send("a@b.org", "Hello", "Text")
        assert len(inbox.mails) == 1
    finally:
        controller.stop()


async def test_a_server_that_is_not_there(inbox):
    mailer = Mailer(MailOptions(f"smtp://127.0.0.1:{free_port()}", SENDER))
    with pytest.raises(TransportError, match="could not be sent"):
        await mailer.send("a@b.org", "Hello", "Text")
    assert (mailer.failed, mailer.problem is not None) == (1, True)


@pytest.mark.parametrize(
    ("url", "sender", "said"),
    [
        ("mail.example.org", SENDER, "SMTP_URL"),
        ("https://mail.example.org", SENDER, "SMTP_URL"),
        ("smtp://:25", SENDER, "SMTP_URL"),
        ("smtp://host:99999", SENDER, "SMTP_URL"),
        ("smtp://me:secret@mail.example.org", SENDER, "clear"),
        ("smtps://mail.example.org", "nobody", "address"),
        ("smtps://mail.example.org", "", "address"),
    ],
)
def test_settings_that_do_not_fit_are_named(url, sender, said):
    with pytest.raises(InvalidInput, match=said):
        MailOptions(url, sender)
