"""Addresses behind a proxy."""

from __future__ import annotations

import pytest

FORWARDED = {"x-forwarded-host": "spaces.example", "x-forwarded-proto": "https"}


@pytest.mark.parametrize(("trust", "root"), [("", None), ("1", "https://spaces.example")])
def test_forwarded_headers_are_believed_only_when_told_to(serve, trust, root):
    server = serve("basic", SPACEPORT_TRUST_FORWARDED=trust)
    assert server.http.get("/config", headers=FORWARDED).json()["root"] == (root or server.url)


@pytest.mark.parametrize(
    ("given", "root"), [("/apps/one", "{url}/apps/one"), ("https://spaces.example/one/", "https://spaces.example/one")]
)
def test_the_public_root_can_be_said(serve, given, root):
    server = serve("basic", SPACEPORT_ROOT_PATH=given)
    assert server.http.get("/config").json()["root"] == root.format(url=server.url)
