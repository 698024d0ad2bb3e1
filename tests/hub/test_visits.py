"""Private Spaces in a browser: from the hub to the Space's own address with a ticket, and what ends it."""

from __future__ import annotations

import contextlib
import html
import re
import time

import httpx
import pytest
from tests.faults import fault
from tests.hub.browsing import browsing, set_passwords
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit

from spaceport.errors import NotFound
from spaceport.hub.state import Hub

PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob")
    server.run("orgs", "add", "crew", "ann")
    server.run("orgs", "role", "crew", "bob", "read")
    with server.http("ann") as ann:
        for owner in ("ann", "crew"):
            for name in ("page", "other"):
                body = {"name": name, "organization": owner, "type": "space", "sdk": "static", "private": True}
                ann.post("/api/repos/create", json=body).raise_for_status()
                files = {"README.md": b"---\nsdk: static\n---\n", "index.html": f"{owner}/{name}".encode()}
                commit(ann, f"{owner}/{name}", files).raise_for_status()
    yield server
    server.stop()


def host_of(hub, label):
    return f"{label}.localhost:{hub.apps.rpartition(':')[2]}"


def at_apps(hub, label, path="/", cookie=None, method="GET", **options):
    """A request to a Space's own host, whose name only browsers resolve."""
    headers = {
        **PAGE,
        "host": host_of(hub, label),
        **({"cookie": cookie} if cookie else {}),
        **options.pop("headers", {}),
    }
    return httpx.request(method, f"{hub.apps}{path}", headers=headers, timeout=30, **options)


def ticket(browser, to):
    """What the hub's page would send, and where."""
    page = browser.http.get("/open", params={"to": to})
    assert page.status_code == 200, page.text
    action = html.unescape(re.search(r'action="([^"]+)"', page.text)[1])
    return action, dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))


def send_ticket(hub, label, fields, origin=None):
    path = "/--spaceport/visit"
    return at_apps(hub, label, path, method="POST", data=fields, headers={"origin": origin or hub.url})


def visit(hub, browser, label="ann-page", to=None):
    """The cookie of a browser that has gone to a Space's own host."""
    action, fields = ticket(browser, to or f"http://{host_of(hub, label)}/index.html?a=1")
    assert action == f"http://{host_of(hub, label)}/--spaceport/visit"
    answer = send_ticket(hub, label, fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


def test_a_browser_goes_from_the_missing_page_to_the_private_space(hub):
    missing, nothing = at_apps(hub, "ann-page"), at_apps(hub, "ann-nothing")
    assert (missing.status_code, missing.content) == (404, nothing.content), "private is as missing as missing"
    assert f'href="{hub.url}/open"' in missing.text
    with browsing(hub, None) as (browser,):
        asked = f"http://{host_of(hub, 'ann-page')}/index.html?a=1"
        sent = browser.http.get("/open", headers={"referer": asked})
        assert sent.headers["location"].startswith("/login?next=%2Fopen%3Fto%3Dhttp")
        signed = browser.http.post(sent.headers["location"], data={"name": "ann", "password": "wrong"})
        assert signed.status_code == 401
        browser.sign_in("ann")
        page = browser.http.get("/open", headers={"referer": asked})
        policy = page.headers["content-security-policy"]
        assert f"form-action http://{host_of(hub, 'ann-page')};" in policy
        assert "frame-ancestors 'self'" in policy
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
        assert fields["path"] == "/index.html?a=1"
        answer = send_ticket(hub, "ann-page", fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/index.html?a=1")
        cookie = answer.headers["set-cookie"]
        attributes = r"Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=None; Partitioned"
        assert re.fullmatch(rf"__Host-spaceport-visit=\S+; {attributes}", cookie)
        shown = at_apps(hub, "ann-page", cookie=cookie.partition(";")[0])
        assert (shown.status_code, shown.text) == (200, "ann/page")


def test_a_ticket_works_once_at_its_space_from_the_hubs_page(hub):
    with browsing(hub, "ann") as (ann,):
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        assert send_ticket(hub, "ann-other", fields).status_code == 404
        assert send_ticket(hub, "ann-page", fields).status_code == 404, "the wrong use was its one use"
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        evil = f"http://{host_of(hub, 'bob-evil')}"
        assert send_ticket(hub, "ann-page", fields, evil).status_code == 404
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        assert send_ticket(hub, "ann-page", fields).status_code == 303
        assert send_ticket(hub, "ann-page", fields).status_code == 404
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        ann.http.delete("/api/sessions/current")
        assert send_ticket(hub, "ann-page", fields).status_code == 404
        assert send_ticket(hub, "ann-page", {"ticket": "x" * 100_000}).status_code == 404


@pytest.mark.parametrize("path", ["//evil.org", "https://evil.org", "/\\evil.org", "/a\r\nset-cookie: a=b", "/é"])
def test_a_ticket_leads_nowhere_else(hub, path):
    with browsing(hub, "ann") as (ann,):
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        assert send_ticket(hub, "ann-page", {**fields, "path": path}).headers["location"] == "/"


def test_what_one_may_not_see_has_no_ticket(hub):
    with browsing(hub, "bob") as (bob,):
        answers = [
            bob.http.get("/open", params={"to": f"{hub.apps}/{space}/"}, headers=PAGE)
            for space in ("ann/page", "ann/nothing", "nobody/x")
        ]
        assert {one.status_code for one in answers} == {404}
        assert len({one.content for one in answers}) == 1
        for strange in ("", "nonsense", "http://[", "javascript:alert(1)", "//evil.org/ann/page"):
            assert bob.http.get("/open", params={"to": strange}).status_code == 404
        assert at_apps(hub, "crew-page", cookie=visit(hub, bob, "crew-page")).text == "crew/page"


def test_a_visit_counts_for_its_space_alone_and_changes_nothing_at_the_hub(hub):
    with browsing(hub, "ann") as (ann,):
        cookie = visit(hub, ann)
        assert at_apps(hub, "ann-page", cookie=cookie).status_code == 200
        assert at_apps(hub, "ann-other", cookie=cookie).status_code == 404
        assert httpx.get(f"{hub.url}/api/whoami-v2", headers={"cookie": cookie}).status_code == 401
        name, _, value = cookie.partition("=")
        session, until, proof = value.split(".")
        forged = (f"{session}.{int(until) + 1}.{proof}", f"{int(session) + 1}.{until}.{proof}", f"{session}.{until}.")
        for other in (*forged, "", "a.b.c", "9" * 40 + f".{until}.{proof}"):
            assert at_apps(hub, "ann-page", cookie=f"{name}={other}").status_code == 404, other
        assert at_apps(hub, "ann-page", cookie=f"{cookie}; {cookie}").status_code == 404, "somebody has set another one"
        foreign = {"origin": "http://evil.localhost:1", "sec-fetch-site": "cross-site"}
        posted = at_apps(hub, "ann-page", "/x", cookie=cookie, method="POST", headers=foreign)
        assert posted.status_code == 403


@fault(
    kind="origin",
    given="the form of a visit with eleven fields, or with its ticket in the query, twice, or spelled otherwise",
    before="eleven fields raised an exception in the gateway: the connection was answered with 500",
    now="404, as for any form that is not valid; the ticket is read from the form, once, as it was given",
)
def test_a_form_of_any_kind_gives_no_visit_but_the_one_of_its_ticket(hub):
    with browsing(hub, "ann") as (ann,):
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        secret = fields["ticket"]
        many = {f"f{n}": "x" for n in range(9)}
        assert send_ticket(hub, "ann-page", {**many, "ticket": secret, "path": "/"}).status_code == 404
        wrong = (f"{secret}=", f" {secret}", f"{secret}\n", f"{secret}\0", secret.swapcase(), secret[:-1])
        for other in wrong:
            assert send_ticket(hub, "ann-page", {"ticket": other}).status_code == 404, other
        assert send_ticket(hub, "ann-page", {"ticket": ["", secret]}).status_code == 303, "empty fields are none"
        _, fields = ticket(ann, f"{hub.apps}/ann/page/")
        secret = fields["ticket"]
        assert send_ticket(hub, "ann-page", {"ticket": ["x", secret]}).status_code == 404
        query = f"/--spaceport/visit?ticket={secret}"
        assert at_apps(hub, "ann-page", query, method="POST", headers={"origin": hub.url}).status_code == 404
        assert at_apps(hub, "ann-page", query, headers={"origin": hub.url}).status_code == 404
        multipart = {"files": {"ticket": (None, secret)}, "headers": {"origin": hub.url}}
        assert at_apps(hub, "ann-page", "/--spaceport/visit", method="POST", **multipart).status_code == 404
        assert send_ticket(hub, "ann-page", {**fields, "path": "/" + "x" * 5000}).status_code == 303, "cut off"


@fault(
    kind="origin",
    given="a page of another Space that sets `spaceport-visit=…; Domain=apps.example.com`, with a visit of its author",
    before="it counted at the private Space as the visitor's, who then was its author; beside the right one, as none",
    now="where a browser takes `__Host-` names, only that name counts, which no other host can set",
)
def test_a_cookie_of_another_host_is_no_visit(hub):
    with browsing(hub, "ann") as (ann,):
        name, _, value = visit(hub, ann).partition("=")
        assert name == "__Host-spaceport-visit"
        tossed = f"spaceport-visit={value}"
        assert at_apps(hub, "ann-page", cookie=tossed).status_code == 404
        for other in (tossed, "spaceport-visit=junk", "a=b; " * 2000 + "a=b", f"__Host-spaceport-visit-x={value}"):
            for pair in (f"{name}={value}; {other}", f"{other}; {name}={value}"):
                assert at_apps(hub, "ann-page", cookie=pair).status_code == 200, pair[:80]
        spellings = (
            f"__host-spaceport-visit={value}",
            f'{name}="{value}"',
            f"{name}={value}=",
            f"{name}={value}, {name}={value}",
            f"{name} ={value}",
            f"{name}={value.upper()}",
            f"={name}={value}",
        )
        for spelled in spellings:
            assert at_apps(hub, "ann-page", cookie=spelled).status_code == 404, spelled
        assert httpx.get(f"{hub.apps}/ann/page/", headers={"cookie": f"{name}={value}"}).status_code == 404


def test_a_ticket_counts_for_a_minute_and_a_visit_for_an_hour(tmp_path, monkeypatch):
    with contextlib.closing(Hub(tmp_path)) as state:
        owner = state.accounts.add("ann")
        identity = state.sessions.identify(state.sessions.start(owner, "", ""), "")
        space, session = state.spaces.create(identity, "ann", "page", "static", private=True), identity.session
        now, clock = time.time(), time.monotonic()
        for after, begins in ((59.0, True), (61.0, False)):
            monkeypatch.setattr(time, "monotonic", lambda: clock)
            secret = state.visits.ticket(session, space, "http://hub")
            monkeypatch.setattr(time, "monotonic", lambda after=after: clock + after)
            if not begins:
                with pytest.raises(NotFound):
                    state.visits.start(secret, space, "http://hub")
                continue
            cookie = state.visits.start(secret, space, "http://hub")
            for late, seen in ((3590, "ann"), (3601, None)):
                monkeypatch.setattr(time, "time", lambda late=late: now + late)
                found = state.visits.identify(cookie, space)
                assert (found.owner and found.owner.name) == seen
            monkeypatch.setattr(time, "time", lambda: now)


def test_a_visit_ends_with_the_session_the_role_and_the_space(hub):
    with browsing(hub, "ann", "ann", "bob") as (laptop, phone, bob):
        cookies = visit(hub, laptop), visit(hub, phone)
        assert [at_apps(hub, "ann-page", cookie=one).status_code for one in cookies] == [200, 200]
        laptop.http.delete("/api/sessions")
        assert [at_apps(hub, "ann-page", cookie=one).status_code for one in cookies] == [200, 404]
        hub.kill()
        hub.start()
        # the port of the apps' address is another one now, the cookie as good as before
        assert at_apps(hub, "ann-page", cookie=cookies[0]).status_code == 200
        cookie = visit(hub, bob, "crew-page")
        assert at_apps(hub, "crew-page", cookie=cookie).status_code == 200
        hub.run("orgs", "leave", "crew", "bob")
        assert at_apps(hub, "crew-page", cookie=cookie).status_code == 404
        hub.run("orgs", "role", "crew", "bob", "read")
        assert at_apps(hub, "crew-page", cookie=cookie).status_code == 200


def test_a_guest_sees_one_private_space_until_that_ends(hub):
    with browsing(hub, "ann", "bob") as (ann, bob), hub.http("bob") as program:
        api = "/api/spaces/ann/page"
        assert program.get(api).status_code == 404
        assert bob.http.put(f"{api}/guests/bob").status_code == 404, "nobody invites themselves"
        assert ann.http.put(f"{api}/guests/bob").json() == {"guest": "bob"}
        assert ann.http.put(f"{api}/guests/crew").status_code == 200
        assert ann.http.put(f"{api}/guests/nobody-at-all").status_code == 404
        assert ann.http.get(f"{api}/guests").json() == {"guests": ["bob", "crew"], "link": False}
        assert program.get(api).status_code == program.get(f"{api}/tree/main").status_code == 200
        assert "ann/page" in [one["id"] for one in program.get("/api/spaces").json()]
        assert program.get(f"{hub.apps}/ann/page/").text == "ann/page"
        for method, path in (("PUT", "/settings"), ("GET", "/secrets"), ("GET", "/guests"), ("POST", "/link")):
            assert program.request(method, api + path, json={}).status_code == 403, path
        assert program.get("/api/spaces/ann/other").status_code == 404
        narrow = hub.run("tokens", "add", "bob", "narrow", "--scope", "ann/page:call").strip()
        with httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {narrow}"}) as robot:
            assert [robot.get(one).status_code for one in (api, f"{api}/tree/main")] == [200, 403]
            cookie = visit(hub, bob)
            assert at_apps(hub, "ann-page", cookie=cookie).status_code == 200
            hub.run("share", "rm", "ann/page", "crew")
            assert program.get(api).status_code == 200
            assert ann.http.delete(f"{api}/guests/bob").status_code == 200
            assert ann.http.delete(f"{api}/guests/bob").status_code == 404
            assert program.get(api).status_code == robot.get(api).status_code == 404
            assert at_apps(hub, "ann-page", cookie=cookie).status_code == 404


def test_anyone_who_has_the_link_sees_the_space_until_it_ends(hub):
    def visit_with(link):
        page = httpx.get(link)
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
        return send_ticket(hub, "ann-page", fields).headers["set-cookie"].partition(";")[0]

    with browsing(hub, "ann") as (ann,):
        link = ann.http.post("/api/spaces/ann/page/link").json()["link"]
        assert link.startswith(f"{hub.url}/shared/")
        cookie = visit_with(link)
        assert at_apps(hub, "ann-page", cookie=cookie).text == "ann/page"
        assert at_apps(hub, "ann-other", cookie=cookie).status_code == 404
        assert "anyone who has its link" in hub.run("share", "ls", "ann/page")
        newer = hub.run("share", "link", "ann/page", "--hub", hub.url).strip()
        assert httpx.get(link).status_code == 404
        assert at_apps(hub, "ann-page", cookie=cookie).status_code == 404, "the earlier link has ended, and its visits"
        cookie = visit_with(newer)
        assert at_apps(hub, "ann-page", cookie=cookie).status_code == 200
        assert ann.http.delete("/api/spaces/ann/page/link").status_code == 200
        assert at_apps(hub, "ann-page", cookie=cookie).status_code == 404
        assert httpx.get(newer).status_code == 404


def test_where_spaces_have_no_host_the_cookie_is_below_their_path(tmp_path):
    public = "http://127.0.0.1:9"
    server = HubServer(tmp_path / "hub", "--apps-url", "https://apps.example.org", "--url", public)
    try:
        set_passwords(server, "ann")
        with server.http("ann") as client, browsing(server, "ann") as (ann,), contextlib.ExitStack():
            client.post("/api/repos/create", json={"name": "p", "type": "space", "sdk": "static", "private": True})
            commit(client, "ann/p", {"README.md": b"---\nsdk: static\n---\n", "index.html": b"by path"})
            assert f'href="{public}/open"' in httpx.get(f"{server.apps}/ann/p/", headers=PAGE).text
            action, fields = ticket(ann, "https://apps.example.org/ann/p/index.html")
            assert (action, fields["path"]) == ("https://apps.example.org/ann/p/--spaceport/visit", "/index.html")
            headers = {"origin": server.url}
            answer = httpx.post(f"{server.apps}/ann/p/--spaceport/visit", data=fields, headers=headers)
            assert answer.headers["location"] == "/ann/p/index.html"
            cookie = answer.headers["set-cookie"]
            assert "; Path=/ann/p/; " in cookie
            shown = httpx.get(f"{server.apps}/ann/p/", headers={"cookie": cookie.partition(";")[0]})
            assert shown.text == "by path"
    finally:
        server.stop()
