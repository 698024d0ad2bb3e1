"""Webhooks through a hub: its own, for users, over a kill."""

from __future__ import annotations

import httpx
import pytest
from standardwebhooks import Webhook
from tests.conformance.test_webhooks import PRIVATE, Receiver, until
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

APP = """
import time
import spaceport as sp
space = sp.Space()

@space.api
def headers(request: sp.Request) -> str:
    return ",".join(sorted(request.headers))

@space.api
def slow() -> str:
    time.sleep(1)
    return "done"
"""
README = b"---\ntitle: Hooks\ntags: [spaceport]\n---\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60", environment=PRIVATE)
    deploy(server, "hooks", APP, README)
    yield server
    server.stop()


def client(hub, user):
    headers = {"authorization": f"Bearer {hub.tokens[user]}"}
    return httpx.Client(base_url=f"{hub.apps}/admin/hooks/gradio_api", headers=headers, timeout=60)


def test_a_users_messages_have_the_users_secret_and_no_app_sees_where_they_go(hub):
    receiver = Receiver()
    with client(hub, "ann") as ann, client(hub, "bob") as bob:
        sent = ann.post("/call/headers", json={"data": []}, headers={"spaceport-webhook": receiver.url})
        secret = ann.get("/webhooks/secret").json()["secret"]
        assert sent.headers["spaceport-webhook-secret"] == secret
        assert bob.get("/webhooks/secret").json()["secret"] != secret
        ((_, headers, body),) = receiver.wait(1)
        message = Webhook(secret).verify(body, headers)
        assert message["data"]["id"] == sent.json()["event_id"]
        assert "webhook" not in message["data"]["data"][0]
        (kept,) = until(lambda: ann.get("/webhooks", params={"state": "delivered"}).json()["deliveries"])
        assert bob.get("/webhooks").json()["deliveries"] == []
        assert bob.get("/webhooks", params={"job": kept["job"]}).json()["deliveries"] == []
        assert bob.post(f"/webhooks/{kept['id']}/redeliver").status_code == 404
        assert ann.post(f"/webhooks/{kept['id']}/redeliver").status_code == 202
        receiver.wait(2)
    receiver.close()


def test_no_message_is_lost_when_the_hub_is_killed(hub):
    receiver = Receiver()
    with client(hub, "ann") as ann:
        jobs = {
            ann.post("/call/slow", json={"data": []}, headers={"spaceport-webhook": receiver.url}).json()["event_id"]
            for _ in range(3)
        }
    hub.kill()
    hub.start()
    found = {message["data"]["id"]: message["data"] for message in map(_message, receiver.wait(3))}
    assert found.keys() == jobs
    assert [job["data"] for job in found.values()] == [["done"]] * 3
    receiver.close()


def _message(got):
    return httpx.Response(200, content=got[2]).json()
