"""A broken line or a restarted server costs a caller of ours nothing but time."""

from __future__ import annotations

import os
import threading
import time

import pytest
from tests.faults import fault

from spaceport import Client, handle_file
from spaceport.client.errors import AppError, JobLost, ServerError


def test_a_waiting_job_goes_on_after_kill_and_restart(serve):
    server = serve("chaos")
    with Client(server.url, verbose=False) as client:
        client.submit("first", api_name="/slow")
        job = client.submit("second", api_name="/slow")
        assert job.id is not None
        server.kill()
        server.start()
        assert job.result(timeout=30) == "second"


def test_a_stream_goes_on_with_nothing_lost_or_doubled(serve):
    server = serve("basic")
    with Client(server.url, verbose=False) as client:
        job = client.submit("w", 60, 0.05, api_name="/count")
        first = next(iter(job))
        server.stop()  # drains: the running job ends, its stream is cut before
        server.start()
        assert job.result(timeout=30).split() == [f"w{n}" for n in range(60)]
        assert first == "w0"
        outputs = [len(text.split()) for text in job.outputs()]
        assert outputs == sorted(set(outputs))


@fault(
    kind="client",
    given="a call that the kill of its server cut off",
    before="an error with a text and the code of any failed function",
    now="`error.code` is `interrupted`, and `error.retryable` is true",
)
def test_a_job_that_ran_is_reported_as_interrupted(serve):
    server = serve("chaos")
    with Client(server.url, verbose=False) as client:
        job = client.submit("first", api_name="/slow")
        while job.status().code.name != "PROCESSING":
            time.sleep(0.02)
        server.kill()
        server.start()
        with pytest.raises(AppError, match="stopped while the call ran") as caught:
            job.result(timeout=30)
        assert (caught.value.code, caught.value.retryable) == ("interrupted", True)


def test_a_call_made_while_the_server_is_away_runs_once(serve):
    server = serve("basic")
    with Client(server.url, verbose=False) as client:
        assert client.predict(5, api_name="/add") == 7
        server.kill()
        later = threading.Timer(1.0, server.start)
        later.start()
        try:
            assert client.predict(1, api_name="/add") == 3
        finally:
            later.join()
        jobs = server.http.get("/gradio_api/jobs").json()
        assert client.predict(2, api_name="/add") == 4, jobs


def test_a_job_is_picked_up_by_its_id(basic):
    with Client(basic.url, verbose=False) as client:
        job_id = client.submit("w", 3, api_name="/count").id
    with Client(basic.url, verbose=False) as other:
        job = other.job(job_id)
        assert list(job) == ["w0", "w0 w1", "w0 w1 w2"]
        with pytest.raises(JobLost):
            other.job("0" * 32)


def test_a_large_upload_goes_on_after_a_restart(serve, tmp_path, monkeypatch):
    monkeypatch.setattr("spaceport.client.tus_upload._CHUNK", 1 << 17)  # slow enough to be caught on its way
    source = tmp_path / "large.bin"
    source.write_bytes(os.urandom(1 << 20) * 150)
    server = serve("files", FILES=str(tmp_path))
    with Client(server.url, verbose=False) as client:
        job = client.submit(handle_file(source), api_name="/binlen")

        def sent():
            units = job.status().progress_data
            return units[0].index if units else 0

        while sent() < 20 << 20:
            assert not job.done()
            time.sleep(0.005)
        server.kill()
        server.start()
        assert job.result(timeout=60) == 150 << 20
    (kept,) = (path for path in (server.data / "files").rglob("large.bin"))
    assert kept.read_bytes() == source.read_bytes()


def test_an_upload_that_cannot_go_on_says_so(serve, tmp_path):
    source = tmp_path / "large.bin"
    source.write_bytes(b"x" * (20 << 20))
    server = serve("files", FILES=str(tmp_path), SPACEPORT_FILES_BYTES_PER_CALLER=str(10 << 20))
    with Client(server.url, verbose=False) as client:
        with pytest.raises(ServerError, match="Your files may have"):
            client.predict(handle_file(source), api_name="/binlen")
        assert client.predict({"a": 1}, api_name="/json") == {"a": 1}
