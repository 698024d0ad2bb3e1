"""Who may not see a private Space cannot tell it from one that is not there: not by bytes, headers or time."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

import pytest
from tests.hub.browsing import Browser, set_passwords
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit

from spaceport.hub.identity.access import TABLE, Access

PAIRS = 1000
WITHIN = 5.0
"""Standard deviations of the number of pairs in which the private one took longer: chance gives more once in 10^6."""
OF_EACH_ANSWER = ("date", "x-request-id", "ratelimit")
PATHS = {"revision": "main", "path": "app.py", "which": "run", "job_id": "none", "guest": "bob"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    for tier in ("free", "anonymous"):
        most = ("--requests", "1000000", "--resolver", "1000000", "--pages", "1000000")
        server.run("tiers", "set", tier, *most)
    set_passwords(server, "bob")
    with server.http("ann") as ann:
        body = {"name": "aaaa", "type": "space", "sdk": "static", "private": True}
        ann.post("/api/repos/create", json=body).raise_for_status()
        commit(ann, "ann/aaaa", {"README.md": b"---\nsdk: static\n---\n", "index.html": b"x"}).raise_for_status()
    yield server
    server.stop()


class Line:
    """One connection that stays open."""

    def __init__(self, url, headers):
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.headers = headers

    def ask(self, method, path, **more):
        self.connection.request(method, path, headers={**self.headers, **more})
        answer = self.connection.getresponse()
        head = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in OF_EACH_ANSWER}
        return answer.status, head, answer.read()


def callers(hub):
    """Headers of those who may not see it: nobody, another user, and another user's browser."""
    browser = Browser(hub)
    browser.sign_in("bob").raise_for_status()
    cookie = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    browser.http.close()
    return {
        "nobody": {},
        "bob": {"authorization": f"Bearer {hub.tokens['bob']}"},
        "bob's browser": {"cookie": cookie, "origin": hub.url},
    }


ABOUT_SPACES = (Access.SEE_SPACE, Access.READ_SPACE, Access.CHANGE_SPACE, Access.MANAGE_SPACE)


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_every_route_about_a_space_answers_the_same(hub, accept):
    for who, headers in callers(hub).items():
        line = Line(hub.url, {**headers, "accept": accept})
        for route, access in TABLE.items():
            method, path = route.split(" ", 1)
            if access in ABOUT_SPACES and "{subdomain}" not in path:
                address = path.replace(":path", "").replace("{owner}", "ann")
                found, missing = (line.ask(method, address.format(name=name, **PATHS)) for name in ("aaaa", "zzzz"))
                assert found == missing, (who, route)
                assert found[0] == 404, (who, route)
        assert line.ask("GET", "/api/spaces/by-subdomain/ann-aaaa") == line.ask(
            "GET", "/api/spaces/by-subdomain/ann-zzzz"
        )


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_the_apps_addresses_answer_the_same(hub, accept):
    port = hub.apps.rpartition(":")[2]
    for who, headers in callers(hub).items():
        line = Line(hub.apps, {**headers, "accept": accept, "origin": hub.apps})
        for method in ("GET", "HEAD", "POST", "DELETE"):
            for path in (
                "/",
                "/config",
                "/gradio_api/info",
                "/gradio_api/call/x",
                "/gradio_api/jobs/y",
                "/file=/etc/passwd",
            ):
                found, missing = (line.ask(method, f"/ann/{name}{path}") for name in ("aaaa", "zzzz"))
                assert found == missing, (who, method, path)
                by_host = [
                    line.ask(method, path, host=f"ann-{name}.localhost:{port}", origin="") for name in ("aaaa", "zzzz")
                ]
                assert by_host[0] == by_host[1], (who, method, path)


@pytest.mark.parametrize("who", ["nobody", "bob"])
@pytest.mark.parametrize("where", ["api", "apps"])
def test_neither_takes_longer(hub, where, who):
    """Of pairs in turn, the private one takes longer in about half: a sign test, which needs no limit in seconds."""
    url, path = (hub.url, "/api/spaces/ann/{}") if where == "api" else (hub.apps, "/ann/{}/config")
    line = Line(url, callers(hub)[who])
    for name in ("aaaa", "zzzz") * 20:
        line.ask("GET", path.format(name))

    def took(name):
        start = time.perf_counter()
        line.ask("GET", path.format(name))
        return time.perf_counter() - start

    longer = 0
    for number in range(PAIRS):
        if number % 2:
            private, missing = took("aaaa"), took("zzzz")
        else:
            missing, private = took("zzzz"), took("aaaa")
        longer += private > missing
    deviations = (longer - PAIRS / 2) / (PAIRS / 4) ** 0.5
    assert abs(deviations) < WITHIN, longer
