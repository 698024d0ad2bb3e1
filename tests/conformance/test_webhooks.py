"""Webhooks: signed as Standard Webhooks says, sent until they are taken, kept when nobody takes them."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

PRIVATE = {"SPACEPORT_FETCH_PRIVATE": "1", "SPACEPORT_WEBHOOK_DELAY_S": "0.05", "SPACEPORT_OPERATOR_TOKEN": "operator"}
OPERATOR = {"authorization": "Bearer operator"}


class Receiver:
    """Answers with the next of `answers`, then with 204; keeps what it got."""

    def __init__(self, port: int = 0):
        self.got, self.answers = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("location", f"{receiver.url}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list:
        deadline = time.monotonic() + 20
        while len(self.got) < count:
            assert time.monotonic() < deadline, f"{len(self.got)} of {count}"
            time.sleep(0.01)
        return self.got

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def call(server, endpoint, value, url, **headers):
    answer = server.http.post(
        f"/gradio_api/call/{endpoint}", json={"data": [value]}, headers={"spaceport-webhook": url, **headers}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["event_id"], answer.headers["spaceport-webhook-secret"]


def deliveries(server, **query):
    return server.http.get("/gradio_api/webhooks", params=query, headers=OPERATOR if "all" in query else None).json()


def until(condition):
    deadline = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_the_outcome_is_sent_once_signed_as_the_standard_says(serve, receiver):
    server = serve("observed", **PRIVATE)
    job, secret = call(server, "say", "hi", f"{receiver.url}/hook?x=1")
    ((path, headers, body),) = receiver.wait(1)
    assert path == "/hook?x=1"
    message = Webhook(secret).verify(body, headers)
    assert message["type"] == "job.succeeded"
    assert message["data"]["id"] == job
    assert message["data"]["data"] == ["hi"]
    assert message["data"]["state"] == "succeeded"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    (kept,) = until(lambda: deliveries(server, job=job, state="delivered")["deliveries"])
    assert (kept["id"], kept["attempts"], kept["status"]) == (headers["webhook-id"], 1, 204)
    assert len(receiver.got) == 1


def test_events_can_be_chosen(serve, receiver):
    server = serve("chaos", **PRIVATE)
    every = {"spaceport-webhook-events": "job.started, job.succeeded,job.cancelled"}
    call(server, "slow", "first", f"{receiver.url}/a", **every)
    waits, _ = call(server, "slow", "b", f"{receiver.url}/b", **every)
    call(server, "slow", "c", f"{receiver.url}/c", **{"spaceport-webhook-events": "job.failed"})
    server.http.delete(f"/gradio_api/jobs/{waits}")
    last, _ = call(server, "slow", "d", f"{receiver.url}/d")
    server.events("slow", last)
    found = [(path, json.loads(body)["type"]) for path, _, body in receiver.wait(4)]
    assert sorted(found) == [
        ("/a", "job.started"),
        ("/a", "job.succeeded"),
        ("/b", "job.cancelled"),
        ("/d", "job.succeeded"),
    ]


def test_a_message_that_is_not_taken_is_tried_again_and_a_redirect_is_no_way(serve, receiver):
    receiver.answers = [500, 302, 503]
    server = serve("observed", **PRIVATE)
    _, secret = call(server, "fail", "no", f"{receiver.url}/hook")
    got = receiver.wait(4)
    assert [path for path, _, _ in got] == ["/hook"] * 4
    assert len({headers["webhook-id"] for _, headers, _ in got}) == 1
    message = Webhook(secret).verify(got[3][2], got[3][1])
    assert (message["type"], message["data"]["error"]["code"]) == ("job.failed", "function_failed")
    text = server.http.get("/metrics", headers=OPERATOR).text
    assert 'spaceport_webhooks_failed_total{space=""} 3.0' in text


def test_what_nobody_takes_is_a_dead_letter_that_can_be_sent_again(serve, receiver):
    receiver.answers = [410]
    server = serve("observed", **PRIVATE)
    job, _ = call(server, "say", "x", receiver.url)
    (dead,) = until(lambda: deliveries(server, all="true", state="dead")["deliveries"])
    assert (dead["job"], dead["status"], dead["error"]) == (job, 410, "It answered 410.")
    assert server.http.post(f"/gradio_api/webhooks/{dead['id']}/redeliver").status_code == 202
    until(lambda: deliveries(server, job=job, state="delivered")["deliveries"])
    first, second = receiver.wait(2)
    assert first[1]["webhook-id"] == second[1]["webhook-id"] == dead["id"]
    assert server.http.post("/gradio_api/webhooks/msg_x/redeliver").status_code == 404


def test_a_kill_loses_no_message(serve, receiver):
    port = receiver.port
    receiver.close()
    server = serve("chaos", **{**PRIVATE, "SPACEPORT_WEBHOOK_DELAY_S": "0.5"})
    done, _ = call(server, "echo", "done", f"http://127.0.0.1:{port}/done")
    server.events("echo", done)
    call(server, "slow", "first", f"http://127.0.0.1:{port}/running")
    call(server, "slow", "waits", f"http://127.0.0.1:{port}/waits")
    time.sleep(0.1)
    server.kill()
    again = Receiver(port)
    try:
        server.start()
        found = {path: json.loads(body) for path, _, body in again.wait(3)}
        assert found["/done"]["data"]["data"] == ["done"]
        assert found["/running"]["data"]["error"]["code"] == "interrupted"
        assert found["/waits"]["data"]["data"] == ["waits"]
    finally:
        again.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00:ec2::254]/",
        "http://10.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://a:b@example.com/",
        "no url",
        "http://" + "x" * 3000,
    ],
)
def test_a_target_that_may_not_be_is_refused_before_the_call(basic, url):
    answer = basic.http.post("/gradio_api/call/greet", json={"data": ["x"]}, headers={"spaceport-webhook": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    assert "Spaceport-Webhook" in str(answer.json()["detail"])


def test_a_name_that_leads_to_a_private_address_is_no_way(serve, receiver):
    server = serve("observed", SPACEPORT_WEBHOOK_DELAY_S="0.01")
    job, _ = call(server, "say", "x", f"http://localhost:{receiver.port}/")
    (tried,) = until(lambda: [one for one in deliveries(server, job=job)["deliveries"] if one["attempts"]])
    assert tried["status"] is None
    assert "localhost" in tried["error"]
    assert receiver.got == []


def test_a_call_that_is_refused_or_known_leaves_nothing_behind(serve, receiver):
    server = serve("chaos", SPACEPORT_QUEUE_MAX="1", **PRIVATE)
    ids = [call(server, "slow", "first", receiver.url)[0] for _ in range(2)]
    for _ in range(3):
        refused = server.http.post(
            "/gradio_api/call/slow", json={"data": ["x"]}, headers={"spaceport-webhook": receiver.url}
        )
        assert refused.status_code == 503
    for job in ids:
        server.http.delete(f"/gradio_api/jobs/{job}")
    receiver.wait(2)
    keyed = {"idempotency-key": "k", "spaceport-webhook": receiver.url}
    first, second = (
        server.http.post("/gradio_api/call/echo", json={"data": ["x"]}, headers=keyed).json()["event_id"]
        for _ in range(2)
    )
    assert first == second
    receiver.wait(3)
    time.sleep(0.2)
    assert len(receiver.got) == 3


def test_unknown_events_are_named(basic):
    headers = {"spaceport-webhook": "https://example.com/", "spaceport-webhook-events": "job.done"}
    answer = basic.http.post("/gradio_api/call/greet", json={"data": ["x"]}, headers=headers)
    assert answer.status_code == 422
    assert "job.done" in answer.text
    assert basic.http.get("/gradio_api/webhooks").status_code == 422
    assert basic.http.get("/gradio_api/webhooks/secret").status_code == 401
    with httpx.Client(base_url=basic.url) as client:
        assert client.get("/gradio_api/webhooks", params={"all": "true"}).status_code == 403
