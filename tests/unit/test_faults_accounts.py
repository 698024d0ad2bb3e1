"""Names that nobody may have, and cookies that an app must not set."""

from __future__ import annotations

import string
import time

import pytest
from tests.faults import fault

from spaceport.errors import InvalidInput, Unauthenticated
from spaceport.hub import names
from spaceport.hub.gateway.cookies import sets_hub_cookie
from spaceport.hub.identity.access import TABLE
from spaceport.hub.identity.tickets import LIFETIME_S, Tickets
from spaceport.hub.state import ADMIN


def first_segments():
    """The first part of each address of the hub that has one of its own; `admin` is the account that a hub begins with,
    whose page is `/admin`: what is below that is the hub's."""
    parts = {key.partition(" /")[2].partition("/")[0] for key in TABLE} - {ADMIN}
    return sorted(part for part in parts if part and "{" not in part)


def may_be_called(name):
    try:
        names.check_unreserved(names.check(name, "A user's name"))
    except InvalidInput:
        return False
    return True


@fault(
    kind="access",
    given="an account named `open`, `healthz` or `readyz`, as addresses of the hub begin; `security`, `robots.txt`",
    before="it was made: its page and its Spaces could not be reached, or it spoke as the hub itself",
    now="400; each first part of a route is reserved",
)
@pytest.mark.parametrize("name", [*first_segments(), "Security", "robots.txt", "favicon.ico", "null", "me"])
def test_words_of_addresses_are_reserved(name):
    assert not may_be_called(name)


@fault(
    kind="access",
    given="an account whose name looks like a reserved one: `l0gin`, `sett1ngs`, `Sign_In`",
    before="it was made",
    now="400",
)
@pytest.mark.parametrize("name", ["l0gin", "1ogin", "sett1ngs", "supp0rt", "Sign_In", "adrninistrator"])
def test_what_looks_reserved_is_reserved(name):
    assert not may_be_called(name)


@pytest.mark.parametrize("name", ["admin", "ann", "logins", "opener", "home"])
def test_other_names_are_free(name):
    assert may_be_called(name)


@fault(
    kind="origin",
    given="`Set-Cookie: =spaceport-session-7860=x` of an app: of no name, which browsers send as `name=value`",
    before="it reached the browser, which sent it as the hub's own cookie",
    now="it is dropped, as one with the name",
)
@pytest.mark.parametrize(
    "value",
    [
        b"=spaceport-session-7860=x; Path=/",
        b" = spaceport-visit=x",
        b"==__Host-spaceport-visit=x",
        b"\t=\t__Secure-spaceport-session=x",
        b"spaceport-session-7860",
        b"spaceport-session-7860=x",
    ],
)
def test_no_cookie_of_an_app_is_the_hubs(value):
    assert sets_hub_cookie((b"Set-Cookie", value))


@pytest.mark.parametrize("value", [b"a=spaceport-session-7860=x", b"=plain", b"my-spaceport=1", b""])
def test_other_cookies_pass(value):
    assert not sets_hub_cookie((b"set-cookie", value))


def spellings(ticket):
    """Texts that a forgiving reader of Base64 takes for the same ticket."""
    tail = [ticket[:-1] + sign for sign in string.ascii_letters] + [ticket[:-3] + sign + ticket[-2:] for sign in "AQgw"]
    return {f"{ticket}!", f"{ticket}=", f"{ticket}\n", f" {ticket}", ticket[:9] + "\n" + ticket[9:], *tail} - {ticket}


@fault(
    kind="access",
    given="a ticket of a step of signing in that was used up, with `!`, `=` or a line end in it",
    before="it counted again: the reader of Base64 passes such signs over, and it was remembered with them",
    now="401: it is remembered by its bytes",
)
def test_a_used_ticket_has_no_second_spelling():
    tickets = Tickets()
    ticket = tickets.seal("step", {"user": "ann"})
    other = tickets.seal("step", {"user": "ann"})
    assert tickets.open("step", ticket) == {"user": "ann"}
    tickets.use_up(ticket)
    for spelling in (ticket, *spellings(ticket)):
        with pytest.raises(Unauthenticated):
            tickets.open("step", spelling)
    assert tickets.open("step", other) == {"user": "ann"}


@pytest.mark.parametrize("given", ["", "x", "\ud800", "ü", "=", "A" * 8192, "A" * 10_000, "gAAAAA==", "\0"])
def test_what_is_no_ticket(given):
    with pytest.raises(Unauthenticated):
        Tickets().open("step", given)


def test_a_ticket_is_for_its_purpose_its_process_and_ten_minutes(monkeypatch):
    tickets = Tickets()
    ticket = tickets.seal("step", {"user": "ann"})
    for reader, purpose in ((tickets, "other"), (Tickets(), "step")):
        with pytest.raises(Unauthenticated):
            reader.open(purpose, ticket)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME_S - 5)
    assert tickets.open("step", ticket)
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME_S + 5)
    with pytest.raises(Unauthenticated):
        tickets.open("step", ticket)
