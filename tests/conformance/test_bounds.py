"""What callers can make grow has a bound: what one too many gets, and that the metrics say so (docs/operations.md)."""

from __future__ import annotations

import json
import time

TOKEN = {"authorization": "Bearer operator"}


def value(server, endpoint, data, session):
    body = {"data": data, "session_hash": session}
    return server.http.post(f"/gradio_api/call/{endpoint}", json=body, headers={"prefer": "wait=10"}).json()["data"]


def metric(server, name):
    text = server.http.get("/metrics", headers=TOKEN).text
    found = [line for line in text.splitlines() if line.startswith(name) and "_created" not in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def test_the_session_that_was_used_longest_ago_loses_its_state(serve):
    server = serve("basic", SPACEPORT_STATE_SESSIONS="2")
    for session in ("one", "two", "one", "three"):
        value(server, "total", [5], session)
    assert value(server, "total", [5], "one")[0] == "total=15"
    assert value(server, "total", [5], "two")[0] == "total=5"


def test_a_result_expires(serve):
    server = serve("basic", SPACEPORT_OUTCOME_TTL_S="1.0")
    job_id = server.call("add", [1, 2]).json()["event_id"]
    server.events("add", job_id)
    assert server.http.get(f"/gradio_api/jobs/{job_id}").json()["data"] == [3]
    time.sleep(1.2)
    server.call("add", [1, 2])  # what is in memory is looked at too
    assert server.http.get(f"/gradio_api/jobs/{job_id}").status_code == 404


def test_a_late_reader_of_many_updates_gets_the_newest(serve):
    server = serve("basic", SPACEPORT_UPDATES_BYTES="2000", SPACEPORT_OPERATOR_TOKEN="operator")
    job_id = server.call("count", ["word", 300, 0.0]).json()["event_id"]
    while server.http.get(f"/gradio_api/jobs/{job_id}").json()["state"] != "succeeded":
        time.sleep(0.02)
    events = server.events("count", job_id)
    assert len(events) < 300
    whole = " ".join(f"word{n}" for n in range(300))
    assert json.loads(events[-1][1]) == [whole]
    numbers = [number for _, _, number in events]
    assert numbers == sorted(set(numbers))
    assert metric(server, "spaceport_jobs_folded_total") == 1


def test_a_body_that_is_too_large_is_refused_and_counted(serve):
    server = serve("basic", SPACEPORT_MAX_BODY="1000", SPACEPORT_OPERATOR_TOKEN="operator")
    answer = server.call("greet", ["x" * 2000])
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert metric(server, 'spaceport_requests_refused_total{code="too_large"') == 1


def test_a_wait_ends_at_its_bound(serve):
    server = serve("chaos", SPACEPORT_WAIT_MAX_S="0.3")
    server.call("slow", ["first"])
    answer = server.http.post("/gradio_api/call/slow", json={"data": ["b"]}, headers={"prefer": "wait=60"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
