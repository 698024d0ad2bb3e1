"""Streams leave nothing to the garbage collector, and notice when their reader disconnects."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket

import httpx
import pytest
import uvicorn

import spaceport as sp
from spaceport.api.protocol import http_protocol
from spaceport.space.app import SpaceApp

STREAMS = 40


def a_space():
    space = sp.Space()

    @space.api(concurrency_limit=None)
    async def sleeps(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "slept"

    return space


@contextlib.asynccontextmanager
async def served():
    app = SpaceApp(a_space(), durability="memory")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=http_protocol(5.0, app.context), lifespan="on", log_level="critical")
        server = uvicorn.Server(config)
        task = asyncio.ensure_future(server.serve([bound]))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}/gradio_api/") as http:
            while not server.started:
                await asyncio.sleep(0.01)
            yield app, http
        server.should_exit = True
        await task


async def submitted(http, seconds):
    return (await http.post("call/sleeps", json={"data": [seconds]})).json()["event_id"]


def exchanges():
    """How many requests, responses and streams are in memory."""
    kinds = ("_Listener", "Watcher", "HttpExchange", "_Cycle")
    return sum(type(one).__qualname__ in kinds for one in gc.get_objects())


@pytest.mark.parametrize("seconds", [0, 0.5])  # the stream of the second is opened before there is something to say
async def test_streams_leave_no_garbage(seconds):
    async with served() as (_, http):
        await http.get(f"call/sleeps/{await submitted(http, seconds)}")
        gc.collect()
        gc.disable()
        try:
            jobs = await asyncio.gather(*(submitted(http, seconds) for _ in range(STREAMS)))
            for answer in await asyncio.gather(*(http.get(f"call/sleeps/{job}") for job in jobs)):
                assert '\ndata: ["slept"]\n' in answer.text
            before = exchanges()
            gc.collect()
            assert before - exchanges() == 0
        finally:
            gc.enable()


async def test_a_stream_ends_when_its_reader_disconnects():
    async with served() as (app, http):
        context = app.context()
        job = await submitted(http, 60)
        async with http.stream("GET", f"call/sleeps/{job}") as answer:
            assert answer.status_code == 200
            assert len(context.sessions.listeners) == 1
        for _ in range(1000):
            if not context.sessions.listeners:
                break
            await asyncio.sleep(0.01)
        assert not context.sessions.listeners
        await http.request("DELETE", f"jobs/{job}")
