"""Proxies of the environment in the forms that curl and httpx take; addresses that are not public."""

from __future__ import annotations

import pytest
from tests.faults import fault

from spaceport.client.network import Settings
from spaceport.client.proxies import bypasses
from spaceport.client.transport.addresses import is_public
from spaceport.client.transport.base import Origin


def to(host, port=80, scheme="http"):
    return Origin(scheme, host, port)


@fault(
    kind="client",
    given="`no_proxy=localhost,127.0.0.0/8,::1` and `no_proxy=127.0.0.1:PORT`",
    before="the requests went to the proxy",
    now="networks, ports, schemes and addresses count, as in curl and httpx",
)
@pytest.mark.parametrize(
    ("no_proxy", "origin", "bypassed"),
    [
        ("localhost,127.0.0.0/8,::1", to("localhost"), True),
        ("localhost,127.0.0.0/8,::1", to("127.3.2.1"), True),
        ("localhost,127.0.0.0/8,::1", to("128.0.0.1"), False),
        ("localhost,127.0.0.0/8,::1", to("::1"), True),
        ("[::1]", to("::1"), True),
        ("[::1]:81", to("::1"), False),
        ("[::1]:80", to("::1"), True),
        ("fd00::/8", to("fd12::3"), True),
        ("127.0.0.1:7860", to("127.0.0.1", 7860), True),
        ("127.0.0.1:7860", to("127.0.0.1", 7861), False),
        ("example.com", to("a.example.com"), True),
        (".example.com", to("example.com"), True),
        ("*.example.com", to("a.example.com"), True),
        ("example.com", to("badexample.com"), False),
        ("example.com.", to("example.com."), True),
        ("EXAMPLE.com", to("example.com"), True),
        ("a b\tc", to("c"), True),
        ("*", to("anything"), True),
        ("https://example.com", to("example.com"), False),
        ("https://example.com", to("example.com", 443, "https"), True),
        ("all://example.com", to("example.com"), True),
        ("0.0.1", to("127.0.0.1"), False),
        ("127.0.0.0/99,:,/,[,]", to("127.0.0.1"), False),
        ("", to("x"), False),
    ],
)
def test_no_proxy(no_proxy, origin, bypassed):
    assert bypasses(origin, no_proxy) is bypassed


@fault(
    kind="client",
    given="`http_proxy=host:3128`",
    before="ValueError",
    now="the same as `http://host:3128`",
)
def test_a_proxy_without_a_scheme(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert Settings().proxy_for(to("a")) is None
    monkeypatch.setenv("http_proxy", "host:3128")
    monkeypatch.setenv("ALL_PROXY", "socks5://other:1080")
    assert Settings().proxy_for(to("a")) == "http://host:3128"
    assert Settings().proxy_for(to("a", 443, "https")) == "socks5://other:1080"
    monkeypatch.setenv("no_proxy", "a")
    assert Settings().proxy_for(to("a")) is None
    assert Settings().proxy_for(to("b")) == "http://host:3128"


@fault(
    kind="origin",
    given="a URL of a file at `fec0::1`, `::a.b.c.d` or `64:ff9b:1::1`",
    before="taken for public",
    now="not fetched",
)
@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("fec0::1", False),
        ("feff::1", False),
        ("::808:808", False),
        ("::1", False),
        ("::", False),
        ("64:ff9b:1::808:808", False),
        ("64:ff9b:1:ffff::1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b::7f00:1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("2606:4700::1111", True),
        ("8.8.8.8", True),
        ("10.0.0.1", False),
    ],
)
def test_addresses(address, public):
    assert is_public(address) is public
