"""Threads, sockets, forks and loops: what a client takes, and that it gives it back."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spaceport import AsyncClient, Client
from spaceport.client import errors


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr("spaceport.client.background._LINGER_S", 0.3)


def wait_until(true, within=10.0):
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def background_threads():
    return [thread for thread in threading.enumerate() if thread.name == "spaceport-client"]


def sockets():
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        try:
            found += str(one.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


def test_nothing_is_left_after_close(basic):
    wait_until(lambda: not background_threads())
    threads, open_sockets = threading.active_count(), sockets()
    client = Client(basic.url, verbose=False)
    jobs = [client.submit(n, 1, api_name="/add") for n in range(50)]
    assert [job.result(timeout=30) for job in jobs] == [n + 1 for n in range(50)]
    assert threading.active_count() <= threads + 1
    running = client.submit(2.0, api_name="/ablock")
    client.close()
    with pytest.raises(errors.JobCancelledError):
        running.result(timeout=5)
    with pytest.raises(errors.ConnectionFailed):
        client.predict(1, api_name="/add")
    client.close()
    wait_until(lambda: not background_threads())
    assert sockets() <= open_sockets + 3  # what the loop wakes itself with


def test_an_open_client_without_work_has_no_thread_and_no_socket(serve):
    """Where there is no state on the server to keep alive."""
    server = serve("chaos")
    with Client(server.url, verbose=False) as client:
        for n in range(3):
            wait_until(lambda: not background_threads())
            idle = sockets()
            assert client.predict(f"{n}", api_name="/echo") == f"{n}"
            assert background_threads()
            wait_until(lambda: not background_threads())
            assert sockets() <= idle


def test_a_job_outlives_its_client_s_last_name(basic):
    job = Client(basic.url, verbose=False).submit(0.3, api_name="/ablock")
    gc.collect()
    assert job.result(timeout=10) is not None


def test_clients_that_nobody_closed_are_closed(basic):
    wait_until(lambda: not background_threads())
    for _ in range(20):
        Client(basic.url, verbose=False)
    gc.collect()
    wait_until(lambda: not background_threads())


def test_many_threads_share_a_client(basic):
    with Client(basic.url, verbose=False) as client, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: client.predict(n, 1, api_name="/add"), range(300)))
    assert found == [n + 1 for n in range(300)]


async def test_in_a_loop_that_runs_already(basic):
    """As in a notebook: the cell's code runs inside of a loop."""
    with Client(basic.url, verbose=False) as client:
        assert client.predict(1, api_name="/add") == 3
        job = client.submit(2, api_name="/add")
        updates = [update async for update in job]
        assert updates[-1].outputs == 4
        assert job.result() == 4


def test_an_async_client_for_each_of_many_loops(basic):
    async def call():
        async with AsyncClient(basic.url, verbose=False) as client:
            return await client.predict(1, api_name="/add")

    assert [asyncio.run(call()) for _ in range(3)] == [3, 3, 3]


def in_child(work):
    """Run `work` in a forked child; its exit status is the result."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            status = work()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_child_has_its_own(basic):
    with Client(basic.url, verbose=False) as client:
        assert client.predict(1, api_name="/add") == 3
        waiting = client.submit(1.0, api_name="/ablock")

        def with_a_client_of_its_own():
            with Client(basic.url, verbose=False) as own:
                return own.predict(4, api_name="/add")

        assert in_child(with_a_client_of_its_own) == 6
        assert in_child(lambda: client.predict(5, api_name="/add")) == 7
        assert client.predict(2, api_name="/add") == 4
        assert waiting.result(timeout=10) is not None
