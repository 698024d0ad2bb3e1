"""Who may call from a browser: hosts and origins."""

from __future__ import annotations

import pytest
from tests.faults import fault

from spaceport.api.origins import ANY_HOST, OriginRules, rules_for
from spaceport.errors import Forbidden, Misdirected, RequestError

LOCAL = rules_for("127.0.0.1", [], [])
PUBLIC = "space.example.com"


def check(rules: OriginRules, host: str, method: str = "POST", **headers: str) -> None:
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    named[b"host"] = host.encode()
    rules.check(method, list(named.items()), named, host)


@fault(
    kind="origin",
    given="a POST with `Origin: https://evil.example` (or `null`) to a server on localhost, without a preflight",
    before="the function was called",
    now="403: only pages that CORS would let read the answer may send unsafe methods",
)
@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "127.8.8.8", "ann-x.localhost:8001"]
)
@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "http://127.0.0.1.evil.example", "file://", "http://[x"),
        *(
            "http://evil.example\\.localhost",
            "http://localhost@evil.example",
            "http://a@localhost",
            "http://a b.localhost",
        ),
        *("http://localhost, http://evil.example", "http://evil.example/.localhost", "blob:http://localhost/x"),
    ],
)
def test_a_page_on_the_web_sends_nothing_unsafe_to_a_localhost_server(host, origin):
    with pytest.raises(Forbidden):
        check(LOCAL, host, origin=origin)
    with pytest.raises(Forbidden):
        check(LOCAL, host, "DELETE", origin=origin)
    check(LOCAL, host, "GET", origin=origin)
    assert b"access-control-allow-origin" not in dict(LOCAL.cors_headers(host, origin))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_says_no_origin_says_the_site(site):
    with pytest.raises(Forbidden):
        check(LOCAL, "localhost:7860", sec_fetch_site=site)
    check(LOCAL, "localhost:7860", sec_fetch_site="none")


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("127.0.0.1:7860", {}),
        ("127.0.0.1:7860", {"origin": "http://127.0.0.1:7860", "cookie": "a=b"}),
        ("127.0.0.1:7860", {"origin": "http://localhost:3000", "cookie": "a=b"}),
        ("ann-x.localhost:8001", {"origin": "http://ann-x.localhost:8001", "cookie": "a=b"}),
        ("ann-x.localhost:8001", {"origin": "http://bob-y.localhost:8001"}),
        ("127.0.0.1:7860", {"origin": "https://space.example.com", "sec_fetch_site": "same-origin", "cookie": "a=b"}),
        (PUBLIC, {"origin": "https://other.example"}),
        (PUBLIC, {"origin": "null"}),
        (PUBLIC, {"origin": f"https://{PUBLIC}", "cookie": "a=b"}),
        (PUBLIC, {"origin": f"https://{PUBLIC}:8443", "cookie": "a=b"}),
        (PUBLIC, {"cookie": "a=b"}),
    ],
)
def test_own_pages_programs_and_foreign_pages_without_cookies_may(host, headers):
    check(ANY_HOST, host, **headers)


@fault(
    kind="origin",
    given="a POST with a visitor's login cookie and `Origin: https://evil.example` to a Space with a public name",
    before="the function was called with the visitor's login",
    now="403: a foreign page's request counts without cookies only",
)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://a.space.example.com", "http://localhost:1"]
)
def test_a_foreign_page_does_not_use_a_visitors_cookies(origin):
    with pytest.raises(Forbidden):
        check(ANY_HOST, PUBLIC, origin=origin, cookie="access-token=1")
    with pytest.raises(Forbidden):
        check(ANY_HOST, "ann-x.localhost:8001", origin="http://bob-y.localhost:8001", cookie="a=b")


@fault(
    kind="origin",
    given="`Host: evil.example` at a server on 127.0.0.1 (DNS rebinding), with that name as the origin too",
    before="answered, with credentials allowed for that origin",
    now="421: localhost names, addresses and configured names only",
)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:1", "localhost.evil.io", "a.b", "evil.io."])
def test_a_loopback_server_answers_its_own_names_only(host):
    with pytest.raises(Misdirected):
        check(LOCAL, host, "GET")
    with pytest.raises(Misdirected):
        check(LOCAL, host, origin=f"http://{host}")
    check(rules_for("0.0.0.0", []), host, "GET")
    check(rules_for("127.0.0.1", [], any_host=True), host, "GET")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "localhost:1",
        "ann-x.localhost:8001",
        "127.0.0.1:7860",
        "[::1]:1",
        "192.168.1.5",
        "space",
        "LOCALHOST",
    ],
)
def test_names_that_nobody_can_rebind(host):
    check(LOCAL, host, "GET")


def test_configured_names():
    rules = rules_for(
        "127.0.0.1", ["space.example.com", "https://page.example.org/x"], ["apps.example.com", ".apps.example.com"]
    )
    for host in ("space.example.com", "page.example.org:443", "apps.example.com", "ann-x.apps.example.com"):
        check(rules, host, "GET")
    for host in ("example.com", "x.space.example.com", "evilapps.example.com"):
        with pytest.raises(Misdirected):
            check(rules, host, "GET")
    check(rules, "127.0.0.1:7860", origin="https://space.example.com", cookie="a=b")
    with pytest.raises(Forbidden):  # a Space's page is not one of the hub's own
        check(rules, "127.0.0.1:7860", origin="https://apps.example.com")


@fault(
    kind="origin",
    given="a request with two `Host` headers",
    before="the last one counted",
    now="400",
)
def test_two_host_headers_are_refused():
    pairs = [(b"host", b"127.0.0.1"), (b"host", b"evil.example")]
    with pytest.raises(RequestError):
        LOCAL.check("GET", pairs, dict(pairs), "127.0.0.1")
    twice = [(b"host", b"127.0.0.1"), (b"accept", b"a"), (b"accept", b"b")]
    LOCAL.check("GET", twice, dict(twice), "127.0.0.1")
