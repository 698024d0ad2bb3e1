"""Jobs that a server does not have any more, and servers that ask for a long pause."""

from __future__ import annotations

import json
import time

import pytest
from tests.faults import fault
from tests.hostile import serving

from spaceport import Client
from spaceport.client import connection
from spaceport.client.errors import JobLost

FEATURES = sorted(connection._RESUMABLE)
CONFIG = {
    "version": "6.0.0",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "app_id": 1,
    "components": [],
    "dependencies": [{"id": 0, "api_name": "f", "inputs": [], "outputs": [], "queue": True}],
    "spaceport": {"features": FEATURES},
}
INFO = {"named_endpoints": {"/f": {"parameters": [], "returns": []}}, "unnamed_endpoints": {}}


def pages(call):
    return {
        "/config": (200, {"content-type": "application/json"}, json.dumps(CONFIG).encode()),
        "/gradio_api/info": (200, {"content-type": "application/json"}, json.dumps(INFO).encode()),
        "/gradio_api/call": call,
    }


def test_a_job_that_the_server_does_not_have_is_lost():
    asked = []

    def call(path, _):
        asked.append(path)
        events = 'event: queued\nid: 1\ndata: {"rank":0,"queue_size":1,"eta":null}\n\n'
        if len(asked) > 1:
            events = 'event: error\ndata: "404: Not Found"\n\n'
        return 200, {"content-type": "text/event-stream", "x-spaceport-job": "e1"}, events.encode()

    with serving(pages(call)) as url:
        client = Client(url, verbose=False)
        began = time.monotonic()
        with pytest.raises(JobLost, match="does not know this job"):
            client.predict(api_name="/f")
        client.close()
    assert time.monotonic() - began < 5
    assert len(asked) == 2


@fault(
    kind="client",
    given="`Retry-After: inf` or `1e9` of a server, for the Python client",
    before="the call never ended",
    now="the longest pause is 30 s, and the call ends when two minutes have passed",
)
@pytest.mark.parametrize("asked", ["inf", "1e9", "nan", "-1"])
def test_a_pause_that_the_server_asks_for_is_bounded(asked, monkeypatch):
    monkeypatch.setattr("spaceport.client.calls.resumable._RETRY_MAX_S", 0.1)
    monkeypatch.setattr("spaceport.client.calls.resumable.RESUME_S", 1.0)
    with serving(pages((502, {"retry-after": asked}, b"{}"))) as url:
        client = Client(url, verbose=False)
        job = client.submit(api_name="/f")
        assert job.exception(timeout=10) is not None
        client.close()
