"""Streams of a hostile server, and the Python client: each call ends soon, with an error that a program can read."""

from __future__ import annotations

import json
import re
import time

import pytest
from tests.client.test_faults_lost_jobs import CONFIG, pages
from tests.faults import fault
from tests.hostile import serving
from tests.hostile_frames import ANYTHING, HARMLESS, OUTPUTS, QUEUE, TEXTS, Answers, failed, stream

from spaceport import Client
from spaceport.errors import SpaceportError

END = failed({"error": "the end"})
GRADIO = {key: value for key, value in CONFIG.items() if key != "spaceport"}
JSON = {"content-type": "application/json"}


def errors_of(config, streams):
    """What the calls end with to which a server answers with these streams, one after the other."""
    call = Answers(streams)
    served = {**pages(call), "/config": (200, JSON, json.dumps(config).encode()), "/gradio_api/queue": call}
    found = []
    with serving(served) as url:
        client = Client(url, verbose=False)
        for number in range(len(streams)):
            began = time.monotonic()
            with pytest.raises(SpaceportError) as raised:
                client.predict(api_name="/f")
            assert time.monotonic() - began < 10, number
            assert re.fullmatch("[a-z0-9_]{1,64}", raised.value.code), (number, raised.value.code)
            assert isinstance(str(raised.value), str)
            found.append(raised.value)
        client.close()
    return found


@fault(
    kind="client",
    given="messages that end a call whose fields have any other type: codes that are objects, titles of megabytes",
    before="the Python client took a code of any length from an error's body",
    now="each call ends within seconds with an error, whose code is one of the form that codes have",
)
def test_messages_that_end_a_call():
    assert len(errors_of(GRADIO, [stream(one) for one in QUEUE])) == len(QUEUE)


def test_messages_before_the_end():
    found = errors_of(GRADIO, [stream(one, END) for one in HARMLESS])
    assert {type(one).__name__ for one in found} <= {"AppError", "ServerError"}
    assert sum(str(one) == "the end" for one in found) > 20, "most of them say nothing of the end"


def test_events_of_a_calls_own_stream():
    names = ("status", "progress", "log", "generating", "edits", "complete", "error", "x", "message")
    events = [(name, one) for name in names for one in ANYTHING if name != "complete" or not isinstance(one, list)]
    ends = [(200, *_with_end(name, one)) for name, one in events]
    ends += [stream(one, event="error") for one in (*OUTPUTS, *TEXTS)]
    assert len(errors_of(CONFIG, ends)) == len(ends)


def _with_end(name, value):
    """Headers and body of a stream with one event before the end."""
    _, headers, body = stream(value, event=name)
    return headers, body + stream({"error": "the end"}, event="error")[2]


def test_what_is_no_message_at_all():
    assert len(errors_of(GRADIO, [stream("no json"), stream("[1]")])) == 2
    odd = (b"\xff\xfe\n\n", b"data: \xc3\n\n", b"id: \xe9\ndata: {}\n\n", "id: ü€\n\n".encode())
    broken = [(200, {**JSON, "content-type": "text/event-stream"}, one + stream("x", event="error")[2]) for one in odd]
    assert len(errors_of(CONFIG, broken)) == len(broken)


@fault(
    kind="client",
    given="a server that names a job `../../../../other`, or `x?y`, in `X-Spaceport-Job`, for the Python client",
    before="later requests of the call, with the program's token, and its DELETE, went to another path of the server",
    now="the id is one part of the path",
)
def test_an_id_of_a_job_is_no_path():
    asked = []

    def call(path, _):
        asked.append(path)
        if len(asked) == 1:
            status, headers, body = stream({"state": "running", "eta": None}, event="status")
            return status, {**headers, "x-spaceport-job": "../../../other?x=/"}, body
        return stream({"error": "the end"}, event="error")

    with serving({**pages(call), "/other": call}) as url:
        client = Client(url, verbose=False)
        with pytest.raises(SpaceportError, match="the end"):
            client.predict(api_name="/f")
        client.close()
    assert asked[1] == "/gradio_api/call/f/..%2F..%2F..%2Fother%3Fx%3D%2F?events=all"
