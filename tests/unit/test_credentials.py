"""Which headers are secret, and how a bearer token is read."""

from __future__ import annotations

import pytest
from tests.faults import fault

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


@fault(
    kind="access",
    given="the headers `X_IP_Token`, `X_Gradio_Server`, `X_Forwarded_For` of a caller, with underscores",
    before="an app behind WSGI or CGI read them as those that only the hub sets",
    now="they end at the hub, as the others do",
)
@pytest.mark.parametrize("name", [b"x_ip_token", b"x_gradio-server", b"x_forwarded_for", b"x_hf_authorization"])
def test_an_underscore_is_a_hyphen_to_an_app(name):
    assert is_private(name)
    assert not is_private(b"accept_language")


def test_secrets_and_what_only_a_proxy_may_say_end_at_the_server():
    secret = b"authorization cookie proxy-authorization x-hf-authorization x-ip-token".split()
    said = b"forwarded x-gradio-server x-forwarded-for x-forwarded-host x-forwarded-anything".split()
    assert all(is_private(name) for name in secret + said)
    assert not any(is_private(name) for name in (b"accept", b"x-gradio-user", b"x-forwarded", b"traceparent"))
