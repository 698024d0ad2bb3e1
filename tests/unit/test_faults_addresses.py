"""Addresses and URLs that callers name for a server to connect to."""

from __future__ import annotations

import pytest
from tests.faults import fault

from spaceport.client.transport.addresses import is_public
from spaceport.errors import InvalidInput
from spaceport.webhooks.sender import WebhookLimits, Webhooks


@fault(
    kind="access",
    given="`::ffff:0:127.0.0.1` (an IPv4 address for translators), `5f00::1`, `3fff::1`, `192.88.99.1`",
    before="taken for public: a translator on the way leads to this machine or a private network",
    now="not public, like all that is reserved",
)
@pytest.mark.parametrize("address", ["::ffff:0:127.0.0.1", "::ffff:0:a00:1", "5f00::1", "3fff::1", "192.88.99.1"])
def test_reserved_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "192.88.98.1"])
def test_public_addresses_are(address):
    assert is_public(address)


@fault(
    kind="quoting",
    given="`Spaceport-Webhook: http://example.org/?a b`",
    before="taken; the request's first line had three blanks, so that each delivery failed",
    now="422: a URL has no blanks",
)
@pytest.mark.parametrize(
    "url", ["http://example.org/?a b", "http://exa mple.org/", "http://example.org/\t", " http://x"]
)
def test_a_webhook_url_with_a_blank(tmp_path, url):
    hooks = Webhooks(tmp_path, lambda: b"k", lambda _: {}, WebhookLimits(60, 5, private=False))
    with pytest.raises(InvalidInput):
        hooks._check(url)
    hooks._check("http://example.org/?a%20b")
