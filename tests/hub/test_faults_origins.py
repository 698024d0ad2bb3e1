"""Hosts and origins at a hub: its API and the addresses of its Spaces have the rules of a Space (api/origins.py)."""

from __future__ import annotations

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    yield server
    server.stop()


@fault(
    kind="origin",
    given="`Host: evil.example` at a hub on 127.0.0.1, at its API and at its Spaces' addresses",
    before="answered, with credentials allowed for `Origin: http://evil.example`",
    now="421; localhost names and below them, addresses and configured names are answered",
)
def test_a_hub_on_a_loopback_address_answers_its_own_names_only(hub):
    for root, path in ((hub.url, "/api/spaces"), (hub.apps, "/admin/none/config")):
        answer = httpx.get(f"{root}{path}", headers={"host": "evil.example", "origin": "http://evil.example"})
        assert answer.status_code == 421
        assert "access-control-allow-credentials" not in answer.headers
        for host in ("localhost:1", "127.0.0.1", "ann-x.localhost:8001"):
            assert httpx.get(f"{root}{path}", headers={"host": host}).status_code in (200, 404)


@fault(
    kind="origin",
    given="a POST from a page of another origin to a hub on localhost",
    before="taken",
    now="403, unless the page is one of localhost's",
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_foreign_page_sends_nothing_unsafe_to_a_hub_on_localhost(hub, origin):
    for address in (f"{hub.url}/api/repos/create", f"{hub.apps}/admin/none/gradio_api/call/x"):
        assert httpx.post(address, json={}, headers={"origin": origin}).status_code == 403
        own = httpx.post(address, json={}, headers={"origin": hub.url})
        assert own.status_code in (400, 401, 404)
