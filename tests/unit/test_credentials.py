"""Which headers are secret, and how a bearer token is read."""

from __future__ import annotations

import pytest

from spaceport.api.credentials import bearer, is_private


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, None),
        ({b"authorization": b"Bearer hf_a"}, "hf_a"),
        ({b"authorization": b"bearer   hf_a  "}, "hf_a"),
        ({b"authorization": b" BEARER hf_a"}, "hf_a"),
        ({b"authorization": b"Bearer hf_a", b"x-hf-authorization": b"Bearer hf_b"}, "hf_b"),
        ({b"authorization": b"Bearer hf_a", b"x-hf-authorization": b"Basic eDp5"}, "hf_a"),
        ({b"authorization": b"Bearer hf_a", b"x-hf-authorization": b"Bearer "}, "hf_a"),
        ({b"authorization": b"Bearer"}, None),
        ({b"authorization": b"Bearerhf_a"}, None),
        ({b"authorization": b"Basic eDp5"}, None),
        ({b"authorization": b""}, None),
        ({b"authorization": b"Bearer h\xe9"}, "h\xe9"),
    ],
)
def test_one_reading_of_a_bearer_token(headers, token):
    assert bearer(headers) == token


def test_secrets_and_what_only_a_proxy_may_say_end_at_the_server():
    secret = b"authorization cookie proxy-authorization x-hf-authorization x-ip-token".split()
    said = b"forwarded x-gradio-server x-forwarded-for x-forwarded-host x-forwarded-anything".split()
    assert all(is_private(name) for name in secret + said)
    assert not any(is_private(name) for name in (b"accept", b"x-gradio-user", b"x-forwarded", b"traceparent"))
