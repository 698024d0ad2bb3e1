"""What a client cancels is stopped on the server, and a server that refuses is heard."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.faults import fault

from spaceport import AsyncClient, Client
from spaceport.client import errors
from spaceport.client.status import Status


@pytest.fixture
def client(basic):
    with Client(basic.url, verbose=False) as made:
        yield made


def is_free(client):
    """`/ablock` has one slot: it answers at once only when nothing runs there."""
    return client.predict(0, api_name="/ablock", timeout=10) is not None


def started(job):
    deadline = time.monotonic() + 10
    while job.status().code is not Status.PROCESSING:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return job


@fault(
    kind="client",
    given='`job = client.submit(30, api_name="/slow")`, and `job.cancel()` a second later, without a login',
    before="it returned True, the function ran to its end and kept its slot",
    now="the function is stopped and the slot is free",
)
def test_cancel_frees_the_slot(client):
    assert started(client.submit(60, api_name="/ablock")).cancel()
    assert is_free(client)


def test_cancel_at_once_frees_the_slot(client):
    for _ in range(5):
        assert client.submit(60, api_name="/ablock").cancel()
    assert is_free(client)


@fault(
    kind="client",
    given="`predict(30, timeout=1)` of a slow function",
    before="the caller got `RequestTimeout`, and the function ran on",
    now="the function is stopped too",
)
def test_a_timeout_frees_the_slot(client):
    with pytest.raises(errors.RequestTimeout):
        client.predict(60, api_name="/ablock", timeout=0.5)
    assert is_free(client)


def test_cancel_of_a_job_that_was_picked_up_frees_the_slot(client):
    job = started(client.submit(60, api_name="/ablock"))
    assert client.job(job.id).cancel()
    assert is_free(client)
    with pytest.raises(errors.JobCancelledError):
        job.result(timeout=10)


@fault(
    kind="client",
    given="`client.job(id).cancel()` for a job of another session",
    before="the server's refusal was swallowed, and True returned",
    now="the refusal is raised, and the job goes on",
)
def test_a_refusal_is_raised(basic, client):
    job = started(client.submit(2, api_name="/ablock"))
    with Client(basic.url, verbose=False) as other, pytest.raises(errors.JobLost, match="not yours"):
        other.job(job.id).cancel()
    assert job.result(timeout=20) is not None


async def test_a_cancelled_task_frees_the_slot(basic):
    async with AsyncClient(basic.url, verbose=False) as client:
        task = asyncio.ensure_future(client.predict(60, api_name="/ablock"))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await client.predict(0, api_name="/ablock", timeout=10) is not None


def test_a_cancelled_call_that_waits_in_the_client_is_never_sent(basic):
    with Client(basic.url, verbose=False, max_workers=1) as client:
        first = client.submit(0.5, api_name="/ablock")
        assert client.submit(60, api_name="/ablock").cancel()
        assert first.result(timeout=20) is not None
        assert is_free(client)
