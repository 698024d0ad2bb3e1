"""Each row of gradio-wire §20's table of what servers may do, with a real misbehaving server.

The client says what happened or goes on; it never hangs, and the next call on it works.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import subprocess
import sys

import pytest
from tests.odd import OddServer, served

from spaceport import AsyncClient, Client
from spaceport.client import errors


@pytest.fixture(scope="module")
def url():
    with served(OddServer()) as address:
        yield address


@pytest.fixture
def client(url):
    with Client(url, verbose=False) as made:
        yield made


GOES_ON = [
    "ok",
    "comment",
    "event_line",
    "id_line",
    "crlf",
    "two_data_lines",
    "no_space",
    "no_close",
    "unknown",
    "join_slow",
]


@pytest.mark.parametrize("case", GOES_ON)
def test_goes_on(client, case):
    assert client.predict("x", api_name=f"/{case}") == "hi"


def test_a_character_split_over_two_chunks(client):
    assert client.predict(api_name="/utf8") == "näme€"


@pytest.mark.parametrize(
    ("case", "error", "text"),
    [
        ("ends_early", errors.JobLost, "ended the stream before the job"),
        ("cut", errors.ConnectionFailed, "failed"),
        ("stream_404", errors.ServerError, "result stream"),
        ("stream_500", errors.ServerError, "answered 500"),
        ("bad_json", errors.ServerError, "not JSON"),
        ("unexpected", errors.JobLost, "boom"),
        ("unexpected_all", errors.JobLost, "boom"),
        ("stopped", errors.JobLost, "Server stopped unexpectedly"),
        ("no_data", errors.JobCancelledError, "cancelled on the server"),
        ("new_field", errors.AppError, "boom"),
        ("join_500", errors.ServerError, "oh no"),
        ("join_429", errors.TooManyRequestsError, "slow down"),
        ("join_503", errors.QueueError, "Queue is full"),
        ("join_html", errors.ServerError, "no job id"),
        ("join_401", errors.AuthenticationError, "Not authenticated"),
    ],
)
def test_says_what_happened_and_works_on(client, case, error, text):
    job = client.submit("x", api_name=f"/{case}")
    with pytest.raises(error, match=text) as raised:
        job.result(timeout=20)
    assert type(raised.value) is not concurrent.futures.CancelledError
    assert job.done()
    with pytest.raises(error):  # a loop over a failed job ends
        list(job)
    assert client.predict("x", api_name="/ok") == "hi"


def test_a_job_that_never_answers(client):
    job = client.submit("x", api_name="/silent")
    with pytest.raises(errors.RequestTimeout):
        job.result(timeout=0.2)
    assert not job.done()
    with pytest.raises(TimeoutError):
        client.predict("x", api_name="/silent", timeout=0.3)


def test_unknown_fields_of_an_error_are_kept(client):
    with pytest.raises(errors.AppError) as raised:
        client.predict("x", api_name="/new_field")
    assert (raised.value.title, raised.value.duration, raised.value.more) == ("T", 1, {"brand_new": 7})


def test_nobody_there():
    with pytest.raises(errors.ConnectionFailed):
        Client("http://127.0.0.1:1", verbose=False)
    with pytest.raises(ValueError, match="neither a URL"):
        Client("localhost:7860", verbose=False)


async def test_the_async_client_says_the_same(url):
    async with AsyncClient(url, verbose=False) as client:
        assert await client.predict("x", api_name="/comment") == "hi"
        job = await client.submit("x", api_name="/new_field")
        with pytest.raises(errors.AppError):
            await job
        with pytest.raises(errors.AppError):
            _ = [output async for output in job]
        task = asyncio.ensure_future(client.predict("x", api_name="/silent"))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await client.predict("x", api_name="/ok") == "hi"


def test_a_program_for_gradio_client_runs_when_its_module_is_ours(url):
    program = """
import sys
import spaceport.client.compat as compat
sys.modules["gradio_client"] = compat
for name in ("exceptions", "utils"):
    sys.modules[f"gradio_client.{name}"] = getattr(compat, name)

from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, AuthenticationError
from gradio_client.utils import QueueError, Status

client = Client(sys.argv[1])
assert client.predict("x", api_name="/ok") == "hi"
job = client.submit("x", api_name="/new_field")
try:
    job.result()
except AppError as error:
    print(error)
assert job.status().code is Status.FINISHED
client.close()
"""
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, timeout=30)
    assert done.stdout.splitlines()[-1] == "boom", done.stderr
