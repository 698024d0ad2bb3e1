"""Our client against real Gradio servers of older lines: 4.0 (another protocol), the last 4, the last 5."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.real_gradio import real_gradio

from spaceport import Client, handle_file
from spaceport.client.errors import AppError, EndpointNotFound, JobCancelledError
from spaceport.client.status import Status


@pytest.fixture(scope="module", params=["gradio-4.0", "gradio-4", "gradio-5"])
def old(request):
    with real_gradio(request.param, "older_gradio.py", "config") as url:
        yield url


@pytest.fixture
def client(old, tmp_path):
    with Client(old, verbose=False, download_files=tmp_path) as made:
        yield made


def test_values(client):
    assert client.predict("a", 3, api_name="/echo") == "a!a!a!"
    assert client.predict("a", "b", api_name="/swap") == ("b", "a")
    assert [client.predict("n", api_name="/counter") for _ in range(2)] == ["n 1", "n 2"]
    client.reset_session()
    assert client.predict("n", api_name="/counter") == "n 1"
    assert list(client.submit(3, api_name="/count")) == ["step 0", "step 1", "step 2"]
    with pytest.raises(EndpointNotFound, match="/echo"):
        client.predict(api_name="/nothing")


def test_many_at_once(client):
    jobs = [client.submit(f"{n}", 1, api_name="/echo") for n in range(30)]
    assert [job.result(timeout=30) for job in jobs] == [f"{n}!" for n in range(30)]


def test_files(client, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text("hello")
    assert client.predict(handle_file(source), api_name="/upper") == "HELLO"
    made = Path(client.predict("made", api_name="/make"))
    assert made.read_text() == "made"
    assert made.is_relative_to(tmp_path)
    assert made.name == "made.txt"


def test_errors_and_what_comes_after(client):
    with pytest.raises(AppError, match="bad x"):
        client.predict("x", api_name="/refuse")
    with pytest.raises(AppError, match="has not enabled verbose error reporting"):
        client.predict("x", api_name="/fail")
    assert client.predict("a", 1, api_name="/echo") == "a!"


def test_progress_and_cancel(client):
    job = client.submit("done", api_name="/steps")
    seen = []
    while not job.done():
        seen += [unit.desc for unit in job.status().progress_data or []]
        time.sleep(0.02)
    assert job.result() == "done"
    assert "working" in seen
    job = client.submit(200, api_name="/count")
    next(iter(job))
    assert job.cancel()
    with pytest.raises(JobCancelledError):
        job.result(timeout=5)
    assert job.status().code is Status.CANCELLED
    assert client.predict("a", 1, api_name="/echo") == "a!"


def test_what_it_offers(client):
    text = client.view_api(return_format="str", print_info=False)
    assert 'api_name="/echo"' in text
    assert "Times" in text or "times" in text
