"""Calls over the link, which go a way of their own, tell what the same calls tell by HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time

import pytest
import uvicorn

import spaceport as sp
from spaceport.api.protocol import http_protocol
from spaceport.client.core.sse import EventParser
from spaceport.client.errors import ConnectionFailed
from spaceport.client.transport.http1 import Http1
from spaceport.hub.queues.upstream.http import ReplicaHttp, read_body
from spaceport.hub.queues.upstream.link import Link, LinkResponse
from spaceport.space.app import SpaceApp

CALLS = [
    ("echo", ["x"]),
    ("echo", []),
    ("echo", [1, 2, 3]),
    ("fails", [1]),
    ("breaks", [1]),
    ("counts", [4]),
    ("tells", [2]),
    ("missing", [1]),
]
HEADERS = {
    "content-type": "application/json",
    "accept": "text/event-stream",
    "x-gradio-server": "http://hub/a/b",
    "x-request-id": "a-request",
}
ended = []


def a_space():
    space = sp.Space(title="linked")

    @space.api
    def echo(text: str) -> str:
        return text

    @space.api
    def fails(number: int) -> int:
        raise sp.Error("as it says")

    @space.api
    def breaks(number: int) -> int:
        return number // 0

    @space.api
    def counts(to: int):
        for number in range(to):
            yield {"so far": list(range(number))}
            time.sleep(0.01)

    @space.api
    def tells(seconds: float) -> str:
        sp.Info("a line")
        time.sleep(0.05)
        return "told"

    @space.api
    async def sleeps(seconds: float) -> str:
        await asyncio.sleep(seconds)
        ended.append(seconds)
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
        http = Http1(ssl.create_default_context)
        line = ReplicaHttp(http, f"127.0.0.1:{bound.getsockname()[1]}")
        link = Link(line)
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            while not isinstance(link.ask("GET", "jobs", {}), LinkResponse):
                await asyncio.sleep(0.01)
            yield app, line, link
        finally:
            link.close()
            await http.close()
            server.should_exit = True
            await task


def asked(way, name, data, **more):
    return way.ask(
        "POST", f"call/{name}", {**HEADERS, **more}, json.dumps({"data": data}).encode(), query="events=edits"
    )


def told(raw):
    """What does not differ from run to run."""
    found = []
    for kind, data, _ in EventParser().feed(raw):
        value = json.loads(data)
        if kind != "status":  # one that is past is not told, and when that is differs
            found.append((kind, value))
    return found


@pytest.mark.parametrize(("name", "data"), CALLS)
async def test_it_tells_what_http_tells(name, data):
    async with served() as (_, line, link):
        answers = []
        for way in (line, link):
            async with asked(way, name, data) as answer:
                raw = await read_body(answer)
                shown = told(raw) if answer.status == 200 else {**json.loads(raw), "request_id": ""}
                answers.append((answer.status, shown))
        by_http, by_link = answers
        assert by_link[0] == by_http[0]
        if name == "counts":  # how many steps travel together differs
            assert by_link[1][-1] == by_http[1][-1]
            assert by_link[1][0] == by_http[1][0]
        else:
            assert by_link == by_http


async def test_a_key_is_the_same_call():
    async with served() as (_, line, link):
        jobs = []
        for way in (link, line, link):
            async with asked(way, "echo", ["x"], **{"idempotency-key": "one"}) as answer:
                jobs += [value for name, value in answer.headers if name == b"x-spaceport-job"]
                assert told(await read_body(answer)) == [("complete", ["x"])]
        assert len(jobs) == 3
        assert len(set(jobs)) == 1


async def test_who_leaves_stops_listening_and_the_call_goes_on():
    async with served() as (app, _, link):
        async with asked(link, "sleeps", [0.3], **{"spaceport-on-disconnect": "keep"}) as answer:
            assert answer.status == 200
        (job,) = app.engine._jobs.values()
        await asyncio.sleep(0.05)
        assert not job.log.watchers
        assert not app.context().sessions.listeners
        await app.engine.ended(job)
        assert ended.pop() == 0.3


async def test_several_open_calls_hear_that_the_server_stops():
    async with served() as (app, _, link):
        async with contextlib.AsyncExitStack() as stack:
            answers = [await stack.enter_async_context(asked(link, "sleeps", [5.0])) for _ in range(3)]
            app.end_streams()
            for answer in answers:
                assert told(await asyncio.wait_for(read_body(answer), 10))[-1] == (
                    "error",
                    "Server stopped unexpectedly.",
                )


async def test_what_cannot_be_told_breaks_its_exchange_alone(monkeypatch):
    async with served() as (_app, _line, link):
        monkeypatch.setattr("spaceport.api.events.encode", lambda _: 1 / 0)
        with pytest.raises(ConnectionFailed):
            async with asked(link, "counts", [3]) as answer:
                await read_body(answer)
        monkeypatch.undo()
        async with asked(link, "echo", ["x"]) as answer:
            assert told(await read_body(answer)) == [("complete", ["x"])]
