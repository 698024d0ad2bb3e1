"""The queue as several clients see it: what the golden scenarios 06, 07, 17, 37, 38 and 39 record."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.conftest import APPS, Server

WORK, PROG, WORK2, NOLIMIT = range(4)
LONG, BLOCK, ABLOCK = range(3)


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    server = Server(
        Path(f"{APPS / 'golden.py'}:s06"), tmp_path_factory.mktemp("queue"), {"SPACEPORT_HEARTBEAT_S": "0.3"}
    )
    yield server
    server.kill()


@pytest.fixture(scope="module")
def cancel(tmp_path_factory):
    server = Server(Path(f"{APPS / 'golden.py'}:s17"), tmp_path_factory.mktemp("cancel"), {})
    yield server
    server.kill()


def join(server, index, data, session):
    body = {"data": data, "fn_index": index, "session_hash": session}
    return server.http.post("/gradio_api/queue/join", json=body)


def messages(server, session, *, heartbeats=False):
    with server.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as response:
        for line in response.iter_lines():
            if line:
                message = json.loads(line.removeprefix("data: "))
                if heartbeats or message["msg"] != "heartbeat":
                    yield message


def kinds(found):
    return [message["msg"] for message in found]


def test_ranks_count_down_for_each_waiting_client(queue):
    join(queue, WORK, [0.4], "warm up")
    list(messages(queue, "warm up"))
    for n in range(4):
        join(queue, WORK, [0.4], f"rank-{n}")
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda n: list(messages(queue, f"rank-{n}")), range(4)))
    ranks = [[message["rank"] for message in found if message["msg"] == "estimation"] for found in seen]
    assert ranks == [[0], [0], [1, 0], [2, 1, 0]]
    for found in seen:
        assert kinds(found)[-3:] == ["process_starts", "process_completed", "close_stream"]
        assert found[-2]["output"]["data"] == ["slept 0.4"]
    eta = [message["rank_eta"] for message in seen[3] if message["msg"] == "estimation"]
    assert eta == sorted(eta, reverse=True)


def test_progress_has_the_recorded_units(queue):
    join(queue, PROG, [0.8], "progress")
    units = [m["progress_data"][0] for m in messages(queue, "progress") if m["msg"] == "progress"]
    assert {"index": 2, "length": 4, "unit": "steps", "progress": None, "desc": "Loop"} in units
    assert units[-1] == {"index": None, "length": None, "unit": "steps", "progress": None, "desc": "unknown"}
    event_id = queue.call("prog", [0.1]).json()["event_id"]
    assert [event for event, *_ in queue.events("prog", event_id)] == ["complete"]


def test_one_stream_carries_all_events_of_a_session(queue):
    ids = [join(queue, index, [0.3], "many").json()["event_id"] for index in (WORK, WORK, NOLIMIT)]
    found = list(messages(queue, "many"))
    ended = [message["event_id"] for message in found if message["msg"] == "process_completed"]
    assert sorted(ended) == sorted(ids)
    assert kinds(found).count("close_stream") == 1
    assert kinds(found)[-1] == "close_stream"


def test_a_late_reader_gets_everything(queue):
    event_id = join(queue, NOLIMIT, [0], "late").json()["event_id"]
    while queue.http.get(f"/gradio_api/jobs/{event_id}").json()["state"] != "succeeded":
        time.sleep(0.02)
    assert kinds(messages(queue, "late")) == ["estimation", "process_starts", "process_completed", "close_stream"]


def test_a_dropped_session_stream_loses_nothing(queue):
    join(queue, NOLIMIT, [0.5], "dropped")
    stream = messages(queue, "dropped")
    assert next(stream)["msg"] == "estimation"
    stream.close()
    assert kinds(messages(queue, "dropped"))[-2:] == ["process_completed", "close_stream"]


def test_two_readers_of_a_session_both_get_everything(queue):
    join(queue, PROG, [0.4], "two")
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: list(messages(queue, "two")), range(2))
    assert one[-2] == two[-2]
    assert one[-2]["msg"] == "process_completed"


def test_heartbeats_keep_quiet_streams_alive(queue):
    join(queue, NOLIMIT, [1], "beats")
    found = list(messages(queue, "beats", heartbeats=True))
    assert {"msg": "heartbeat", "event_id": None} in found
    event_id = queue.call("nolimit", [1]).json()["event_id"]
    text = queue.http.get(f"/gradio_api/call/nolimit/{event_id}").text
    assert "event: heartbeat\ndata: null\n\n" in text


def test_a_full_queue_refuses_with_503_and_when_to_come_again(serve):
    server = serve(Path(f"{APPS / 'golden.py'}:s06"), SPACEPORT_QUEUE_MAX="1")
    running = server.call("work", [1]).json()["event_id"]
    while server.http.get(f"/gradio_api/jobs/{running}").json()["state"] != "running":
        time.sleep(0.02)
    waiting = server.call("work", [0]).json()["event_id"]
    for refused in (join(server, WORK, [0], "full"), server.call("work", [0])):
        assert refused.status_code == 503
        assert refused.json()["code"] == "queue_full"
        assert int(refused.headers["retry-after"]) >= 1
    assert server.call("nolimit", [0]).status_code == 200  # does not have to wait
    assert server.http.get("/gradio_api/queue/status").json()["queue_size"] == 1
    assert server.events("work", running)[-1][0] == "complete"
    assert server.events("work", waiting)[-1][0] == "complete"
    assert join(server, WORK, [0], "full").status_code == 200


def test_one_caller_cannot_fill_the_queue_for_others(serve):
    server = serve(Path(f"{APPS / 'golden.py'}:s06"), SPACEPORT_QUEUE_MAX_PER_CALLER="2")
    statuses = [join(server, WORK, [0.5], "greedy").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 503, 503]
    assert join(server, WORK, [0], "modest").status_code == 200


@pytest.mark.parametrize("index", [LONG, BLOCK, ABLOCK])
def test_cancel_while_running(cancel, index):
    session = f"cancel-{index}"
    event_id = join(cancel, index, [3], session).json()["event_id"]
    found = []
    for message in messages(cancel, session):
        found.append(message)
        if message["msg"] == "process_starts":
            body = {"event_id": event_id, "session_hash": session, "fn_index": index}
            for _ in range(2):
                assert cancel.http.post("/gradio_api/cancel", json=body).json()["success"] is True
    assert kinds(found)[-2:] == ["process_completed", "close_stream"]
    assert found[-2]["success"] is False
    assert found[-2]["output"]["error"] == "The job was cancelled."


def test_cancel_while_waiting(cancel):
    join(cancel, BLOCK, [1], "first")
    event_id = join(cancel, BLOCK, [1], "second").json()["event_id"]
    body = {"event_id": event_id, "session_hash": "second", "fn_index": BLOCK}
    assert cancel.http.post("/gradio_api/cancel", json=body).json()["success"] is True
    found = list(messages(cancel, "second"))
    assert "process_starts" not in kinds(found)
    assert found[-2]["output"]["error"] == "The job was cancelled."


def test_a_stopping_server_says_so_on_every_stream(serve):
    server = serve(Path(f"{APPS / 'golden.py'}:s06"), SPACEPORT_DRAIN_S="0.2")
    join(server, NOLIMIT, [20], "stop")
    event_id = server.call("nolimit", [20]).json()["event_id"]
    seen = {}

    def read(name, found):
        seen[name] = list(found)

    def lines():
        with server.http.stream("GET", f"/gradio_api/call/nolimit/{event_id}") as response:
            yield from response.iter_lines()

    threads = [
        threading.Thread(target=read, args=("session", messages(server, "stop"))),
        threading.Thread(target=read, args=("call", lines())),
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    server.process.terminate()
    for thread in threads:
        thread.join(20)
    assert seen["session"][-1] == {
        "msg": "unexpected_error",
        "event_id": None,
        "message": "Server stopped unexpectedly.",
        "session_not_found": False,
        "success": False,
        "code": "interrupted",
    }
    assert [line for line in seen["call"] if line][-2:] == ["event: error", 'data: "Server stopped unexpectedly."']


def test_thousands_of_unread_results_stay_readable(queue):
    ids = [queue.call("nolimit", [0]).json()["event_id"] for _ in range(2050)]
    for event_id in (ids[0], ids[60], ids[-1]):
        assert queue.events("nolimit", event_id)[-1][:2] == ("complete", '["none"]')
