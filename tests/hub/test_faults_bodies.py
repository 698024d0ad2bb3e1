"""Numbers, headers and forms that Python's own readers refuse with another error than one expects."""

from __future__ import annotations

import httpx
import pytest
from tests.faults import fault
from tests.hub.browsing import browsing, set_passwords
from tests.hub.conftest import HubServer


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann")
    yield server
    server.stop()


@fault(
    kind="access",
    given="`Authorization: Basic é` at `POST /oauth/token`, and other text that is no base64",
    before="500: the reader of base64 raises another error for signs outside of ASCII",
    now="401 `invalid_client`, as for any wrong secret",
)
@pytest.mark.parametrize("given", ["é", "%%%", "YQ", "YQ==YQ==", "/w==", "OmE=", "A" * 50_000, "YTpi"])
def test_credentials_of_a_client_that_are_none(hub, given):
    fields = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "http://x"}
    headers = {"authorization": f"Basic {given}".encode("latin-1")}
    answer = httpx.post(f"{hub.url}/oauth/token", data=fields, headers=headers)
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in ("invalid_client", "invalid_grant", "invalid_request")


@fault(
    kind="call",
    given='`POST /api/tokens` with `"days": 1000…` of 400 digits',
    before="500 (OverflowError)",
    now="400: a number, and not a huge one",
)
@pytest.mark.parametrize("days", ["1" + "0" * 400, "-1" + "0" * 400, "1e308", "1" + "0" * 4000, "0", "-1", "true"])
def test_days_of_a_token(hub, days):
    with browsing(hub, "ann") as (ann,):
        body = f'{{"name": "x", "role": "read", "days": {days}}}'
        answer = ann.http.post("/api/tokens", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
