"""When a session's stream ends, seen from a client that submits from several threads.

gradio_client decides when the answer to a join comes whether the stream it has open will carry the new job.
"""

from __future__ import annotations

import json
import threading


def join(server, session):
    body = {"data": ["Bob"], "fn_index": 0, "session_hash": session}
    return server.http.post("/gradio_api/queue/join", json=body).json()["event_id"]


def stream(server, session):
    return server.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session})


def kinds(lines):
    for line in lines:
        if line:
            yield json.loads(line.removeprefix("data: "))["msg"]


def test_a_join_is_not_answered_before_the_reader_of_a_closed_stream_hangs_up(basic):
    join(basic, "hang-up")
    answered = threading.Event()

    def late():
        join(basic, "hang-up")
        answered.set()

    with stream(basic, "hang-up") as response:
        messages = kinds(response.iter_lines())
        assert "close_stream" in messages
        thread = threading.Thread(target=late)
        thread.start()
        assert not answered.wait(0.3)
        messages.close()
    assert answered.wait(5)
    thread.join()
    with stream(basic, "hang-up") as response:
        assert "process_completed" in kinds(response.iter_lines())


def test_a_stream_asked_for_after_everything_was_read_just_closes(basic):
    join(basic, "late")
    with stream(basic, "late") as response:
        assert list(kinds(response.iter_lines()))[-2:] == ["process_completed", "close_stream"]
    with stream(basic, "late") as response:
        assert list(kinds(response.iter_lines())) == ["close_stream"]
    with stream(basic, "never seen") as response:
        assert list(kinds(response.iter_lines())) == ["unexpected_error"]


def test_a_reader_that_does_not_hang_up_is_hung_up_on(basic):
    join(basic, "patient")
    with stream(basic, "patient") as response:
        assert list(kinds(response.iter_lines()))[-1] == "close_stream"
