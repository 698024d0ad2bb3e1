"""The HTTP surface as a caller with nothing but HTTP sees it: right calls, wrong calls, and our superset."""

from __future__ import annotations

import json
import re
import threading
import time

import httpx
import pytest
from tests.conftest import frames


def submit(basic, endpoint, data, **headers):
    response = basic.call(endpoint, data, **headers)
    assert response.status_code == 200, response.text
    return response.json()["event_id"]


def result(basic, endpoint, data):
    return basic.events(endpoint, submit(basic, endpoint, data))[-1]


@pytest.mark.parametrize(
    ("endpoint", "data", "expected"),
    [
        ("greet", ["Bob"], ["Hello Bob!"]),
        ("greet", {"name": "Bob"}, ["Hello Bob!"]),
        ("add", [1], [3]),
        ("add", {"a": 5.0, "b": "6"}, [11]),
        ("add", {"a": 1, "b": None}, [3]),
        ("pick", {"color": "red"}, ["red 5"]),
        ("norm", [{"x": 4}], [{"x": 2.0, "y": 0.0}]),
        ("nan", ["x"], [None]),
        ("direct", ["x"], ["direct x"]),
        ("total", [5], ["total=5", None]),
        ("batch", ["a"], ["a 1"]),
        ("undocumented", ["x"], ["x"]),
        ("validated", ["5", "Ann"], ["Ann is 5"]),
    ],
)
def test_a_right_call(basic, endpoint, data, expected):
    event, payload, _ = result(basic, endpoint, data)
    assert (event, json.loads(payload)) == ("complete", expected)


@pytest.mark.parametrize(
    ("endpoint", "body", "status", "code", "text"),
    [
        ("gret", '{"data": ["x"]}', 404, "not_found", "Did you mean /greet"),
        ("secret", '{"data": ["x"]}', 404, "not_found", "There is no endpoint /secret"),
        ("greet", '{"data": []}', 422, "invalid_input", "required"),
        ("greet", '{"data": ["a", "b"]}', 422, "invalid_input", "takes 1"),
        ("greet", '{"nam": "a"}', 422, "invalid_input", "no parameter 'nam'"),
        ("greet", '{"data": [{"a": 1}]}', 422, "invalid_input", "Expected `str`"),
        ("greet", '{"data": "x"}', 422, "invalid_input", "valid list"),
        ("add", '{"data": ["x"]}', 422, "invalid_input", "Expected `int`"),
        ("add", '{"data": [1.5]}', 422, "invalid_input", "Expected `int`"),
        ("add", '{"data": [NaN]}', 422, "invalid_input", "not valid JSON"),
        ("add", '{"data": [1', 422, "invalid_input", "not valid JSON"),
        ("add", '{"data": [' + "[" * 900 + "]" * 900 + "]}", 422, "invalid_input", "deeper than 64"),
        ("pick", '{"data": ["green"]}', 422, "invalid_input", "enum"),
        ("pick", '{"data": ["red", 11]}', 422, "invalid_input", "greater than maximum"),
        ("validated", '{"data": ["x", ""]}', 422, "invalid_input", "must be digits"),
    ],
)
def test_a_wrong_call_is_refused_before_any_job_exists(basic, endpoint, body, status, code, text):
    url = f"/gradio_api/call/{endpoint}"
    response = basic.http.post(url, content=body, headers={"content-type": "application/json"})
    assert response.status_code == status, response.text
    assert response.json()["code"] == code
    assert text in response.text.replace('\\"', '"')
    asked = {"content-type": "application/json", "accept": "application/problem+json"}
    problem = basic.http.post(url, content=body, headers=asked)
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == code
    assert problem.json()["status"] == status


def test_a_body_that_is_too_large_is_413(basic):
    response = basic.http.post(
        "/gradio_api/call/greet",
        content=b'{"data": ["' + b"x" * 11_000_000 + b'"]}',
        headers={"content-type": "application/json"},
    )
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_result_reads_the_same_again_and_again(basic):
    event_id = submit(basic, "count", ["a", 5])
    first = basic.events("count", event_id)
    assert [event for event, _, _ in first] == ["generating"] * 5 + ["complete"]
    assert basic.events("count", event_id) == first
    assert basic.events("anything", event_id) == first


def test_a_dropped_stream_resumes_with_nothing_lost_or_doubled(basic):
    event_id = submit(basic, "count", ["word", 40])
    seen: list[tuple[str, str, int]] = []
    last = 0
    drops = 0
    while not seen or seen[-1][0] != "complete":
        text = ""
        with basic.http.stream(
            "GET", f"/gradio_api/call/count/{event_id}", headers={"last-event-id": str(last)}
        ) as response:
            for chunk in response.iter_text():
                text += chunk
                if text.count("\n\n") >= 5:
                    break
        drops += 1
        got = frames(text[: text.rindex("\n\n")])
        seen += [frame for frame in got if frame[0] != "heartbeat"]
        last = seen[-1][2]
    assert drops > 3
    assert [frame[2] for frame in seen] == sorted({frame[2] for frame in seen})
    assert seen == basic.events("count", event_id)
    again = basic.http.get(f"/gradio_api/call/count/{event_id}", headers={"last-event-id": str(last)})
    assert again.status_code == 204


def test_one_request_streams_status_progress_logs_and_the_result(basic):
    response = basic.call("logs", ["x"], accept="text/event-stream")
    kinds = [kind for kind, _, _ in frames(response.text)]
    assert kinds[0] == "status"
    assert {"progress", "log"} <= set(kinds)
    assert kinds[-1] == "complete"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["cache-control"] == "no-cache, no-transform"


def test_prefer_wait(basic):
    done = basic.call("greet", ["Bob"], prefer="wait=10")
    assert (done.status_code, done.json()["data"]) == (200, ["Hello Bob!"])
    late = basic.call("ablock", [1.5], prefer="wait=0")
    assert late.status_code == 202
    job = basic.http.get(late.headers["location"]).json()
    assert job["state"] in ("queued", "running")
    failed = basic.call("shown_error", ["x"], prefer="wait")
    assert (failed.status_code, failed.json()["code"], failed.json()["detail"]) == (500, "function_failed", "visible x")


def test_an_idempotency_key_stands_for_one_job(basic):
    key = {"idempotency-key": f"k{time.time()}"}
    first = submit(basic, "greet", ["Bob"], **key)
    assert submit(basic, "greet", ["Bob"], **key) == first
    other = basic.call("greet", ["Ann"], **key)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_one_key_in_many_requests_at_once_is_one_job(basic):
    key = {"idempotency-key": f"k{time.time()}"}
    ids: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: ids.append(
                httpx.post(f"{basic.url}/gradio_api/call/greet", json={"data": ["x"]}, headers=key).json()["event_id"]
            )
        )
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 10
    assert len(set(ids)) == 1


def test_the_stream_of_a_call_in_gradios_messages_goes_on_after_any_of_them(basic):
    sent = basic.http.post(
        "/gradio_api/call/count?events=messages",
        json={"data": ["w", 4]},
        headers={"accept": "text/event-stream"},
    )
    found = re.findall(r"^id: (\d+)\ndata: (.*)$", sent.text, re.M)
    messages = [json.loads(data) for _, data in found]
    assert [one["msg"] for one in messages][-1] == "process_completed"
    assert messages[-1]["output"]["data"] == ["w0 w1 w2 w3"]
    job_id = messages[0]["event_id"]
    for at in range(len(found) - 1):
        rest = basic.http.get(
            f"/gradio_api/call/count/{job_id}?events=messages", headers={"last-event-id": found[at][0]}
        )
        numbers = [int(number) for number in re.findall(r"^id: (\d+)$", rest.text, re.M)]
        assert numbers == [int(number) for number, _ in found[at + 1 :]]
    failed = basic.http.post(
        "/gradio_api/call/shown_error?events=messages", json={"data": ["x"]}, headers={"accept": "text/event-stream"}
    )
    end = json.loads(re.findall(r"^data: (.*)$", failed.text, re.M)[-1])
    assert (end["success"], end["code"]) == (False, "function_failed")


def test_cancel_is_an_outcome_of_its_own(basic):
    running = submit(basic, "count", ["x", 500])
    waiting_behind = submit(basic, "ablock", [5])
    waiting = submit(basic, "ablock", [5])
    for event_id in (waiting, waiting_behind, running):
        response = basic.http.delete(f"/gradio_api/jobs/{event_id}")
        assert (response.status_code, response.json()["state"]) == (200, "cancelled")
        event, data, _ = basic.events("count", event_id)[-1]
        assert (event, json.loads(data)["error"]) == ("error", "The job was cancelled.")
    done = submit(basic, "greet", ["x"])
    basic.events("greet", done)
    late = basic.http.delete(f"/gradio_api/jobs/{done}")
    assert (late.status_code, late.json()["state"]) == (409, "succeeded")


def test_a_cancelled_plain_function_keeps_its_slot_until_it_returns(basic):
    first = submit(basic, "block", [1.0])
    time.sleep(0.2)
    basic.http.delete(f"/gradio_api/jobs/{first}")
    begun = basic.http.post("/gradio_api/call/block", json={"data": [0]}, headers={"prefer": "wait=5"})
    assert begun.json()["data"] == ["finished"]
    second = basic.http.get(f"/gradio_api/jobs/{begun.json()['event_id']}").json()
    cancelled = basic.http.get(f"/gradio_api/jobs/{first}").json()
    assert second["started_at"] - cancelled["started_at"] >= 0.99


def test_another_session_cannot_cancel(basic):
    body = {"data": ["x", 100], "session_hash": "mine", "fn_index": 3}
    event_id = basic.http.post("/gradio_api/queue/join", json=body).json()["event_id"]
    for wrong in ({"event_id": event_id}, {"event_id": event_id, "session_hash": "other"}, {"event_id": "0" * 32}):
        assert basic.http.post("/gradio_api/cancel", json=wrong).status_code == 404
    right = basic.http.post("/gradio_api/cancel", json={"event_id": event_id, "session_hash": "mine"})
    assert right.json() == {"success": True, "state": "cancelled"}


def test_a_time_limit_ends_the_call(basic):
    failed = basic.call("limited", [5], prefer="wait")
    assert (failed.status_code, failed.json()["code"]) == (504, "timed_out")


def test_unknown_jobs_are_404(basic):
    missing = "0" * 32
    assert basic.http.get(f"/gradio_api/jobs/{missing}").status_code == 404
    assert basic.http.get(f"/gradio_api/call/greet/{missing}").status_code == 404
    stream = basic.http.get(f"/gradio_api/call/greet/{missing}", headers={"accept": "text/event-stream"})
    assert (stream.status_code, stream.text) == (200, 'event: error\ndata: "404: Not Found"\n\n')


def test_state_follows_the_session_and_only_it(basic):
    def call(value, session):
        body = {"data": [value], **({"session_hash": session} if session else {})}
        return json.loads(basic.events("total", submit(basic, "total", body))[-1][1])[0]

    assert [call(5, "A"), call(6, "A"), call(1, "B"), call(2, None), call(2, None)] == [
        "total=5",
        "total=11",
        "total=1",
        "total=2",
        "total=2",
    ]


def test_batches_merge_what_waits(basic):
    ids = [submit(basic, "batch", [f"w{n}"]) for n in range(6)]
    sizes = [json.loads(basic.events("batch", event_id)[-1][1])[0] for event_id in ids]
    assert sizes[0] == "w0 1"
    assert sizes[1:4] == ["w1 3", "w2 3", "w3 3"]


def test_jobs_of_a_session_are_listed_newest_first(basic):
    for n in range(3):
        submit(basic, "add", {"data": [n], "session_hash": "listing"})
    jobs = basic.http.get("/gradio_api/jobs", params={"session_hash": "listing"}).json()["jobs"]
    assert [job["endpoint"] for job in jobs] == ["add"] * 3
    assert jobs[0]["accepted_at"] >= jobs[-1]["accepted_at"]
    assert basic.http.get("/gradio_api/jobs").json() == {"jobs": [], "next": None}


def test_the_document_of_features(basic):
    for path in ("/config", "/gradio_api/info"):
        found = basic.http.get(path).json()["spaceport"]
        assert found["v"] == 1
        assert "idempotency-key" in found["features"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("POST", "/call/greet", 404),
        ("GET", "/gradio_api/call/greet", 405),
        ("GET", "/gradio_api/queue/data", 422),
        ("GET", "/config/", 200),
        ("HEAD", "/", 200),
        ("GET", "/login", 405),
    ],
)
def test_routes_answer_as_gradio_does(basic, method, path, status):
    assert basic.http.request(method, path).status_code == status


def test_foreign_origins_get_nothing_from_a_local_server(basic):
    evil = basic.http.get("/gradio_api/app_id", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers
    own = basic.http.get("/gradio_api/app_id", headers={"origin": basic.url})
    assert own.headers["access-control-allow-origin"] == basic.url
