"""kill -9 under load: every accepted job ends exactly once, with one outcome that its id can be read by."""

from __future__ import annotations

import json
import random
import threading
import time

import httpx
import pytest

KILLS = 20


def _load(server, stop, accepted, refused):
    """Submit until told to stop; remember every id that was given out, with what it must answer."""
    number = 0
    with httpx.Client(base_url=f"{server.url}/gradio_api", timeout=5) as client:
        while not stop.is_set():
            number += 1
            endpoint = random.choice(["echo", "slow", "again"])
            value = f"{threading.get_ident()}-{number}"
            try:
                answer = client.post(f"call/{endpoint}", json={"data": [value]})
            except httpx.HTTPError:
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                accepted[answer.json()["event_id"]] = (endpoint, value)
            else:
                refused.append(answer.status_code)
            time.sleep(0.02)


@pytest.mark.slow
def test_no_accepted_call_is_lost(serve):
    server = serve("chaos")
    stop = threading.Event()
    accepted: dict[str, tuple[str, str]] = {}
    refused: list[int] = []
    threads = [threading.Thread(target=_load, args=(server, stop, accepted, refused)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(random.uniform(0.05, 0.4))
        server.kill()
        server.start()
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(accepted) > 100
    outcomes = {"succeeded": 0, "interrupted": 0}
    deadline = time.monotonic() + 60
    for job_id, (endpoint, value) in accepted.items():
        while True:
            job = server.http.get(f"/gradio_api/jobs/{job_id}").json()
            if job["state"] not in ("queued", "running"):
                break
            assert time.monotonic() < deadline, f"{job_id} never ended: {job}"
            time.sleep(0.01)
        if job["state"] == "succeeded":
            assert job["data"] == [value]
            outcomes["succeeded"] += 1
        else:
            assert job["error"]["code"] == "interrupted", job
            assert endpoint != "again", "a job with retries left must run again"
            outcomes["interrupted"] += 1
        (event, data, _) = server.events(endpoint, job_id)[-1]
        assert event == ("complete" if job["state"] == "succeeded" else "error")
        assert json.loads(data)
    assert outcomes["succeeded"] > outcomes["interrupted"]
    assert set(refused) <= {503}


@pytest.mark.parametrize("durability", ["process", "power"])
def test_waiting_jobs_survive_in_their_order_and_running_ones_are_interrupted(serve, durability):
    server = serve("chaos", SPACEPORT_DURABILITY=durability)
    ids = [server.call("slow", [f"{n}"]).json()["event_id"] for n in range(8)]
    time.sleep(0.1)
    server.kill()
    server.start()
    jobs = []
    for job_id in ids:
        server.http.get(f"/gradio_api/call/slow/{job_id}")
        jobs.append(server.http.get(f"/gradio_api/jobs/{job_id}").json())
    started = [job["started_at"] for job in jobs if job["state"] == "succeeded"]
    assert len(started) >= 5
    assert started == sorted(started)
    assert all(job["error"]["code"] == "interrupted" for job in jobs if job["state"] == "failed")
    assert sum(job["state"] == "failed" for job in jobs) <= 1


def test_a_stopped_server_lets_running_calls_end_and_keeps_waiting_ones(serve):
    server = serve("chaos")
    ids = [server.call("slow", [f"{n}"]).json()["event_id"] for n in range(6)]
    server.stop()
    server.start()
    for number, job_id in enumerate(ids):
        server.events("slow", job_id)
        job = server.http.get(f"/gradio_api/jobs/{job_id}").json()
        assert (job["state"], job["data"]) == ("succeeded", [f"{number}"])
        assert job["attempt"] == 1


def test_a_stream_goes_on_after_a_kill(serve):
    server = serve("chaos")
    server.call("slow", ["first"])
    waiting = server.call("slow", ["second"]).json()["event_id"]
    with server.http.stream("GET", f"/gradio_api/call/slow/{waiting}?events=all") as response:
        last = next(int(line[4:]) for line in response.iter_lines() if line.startswith("id: "))
    server.kill()
    server.start()
    events = server.events("slow", waiting, **{"last-event-id": str(last)})
    assert events[-1][:2] == ("complete", '["second"]')
    assert all(number > last for _, _, number in events)
