"""The link against a real server: what it says is what HTTP would, and what breaks has a name."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from spaceport.api.exchange import SEND_RESPONSE
from spaceport.api.protocol import http_protocol
from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.transport.http1 import Http1
from spaceport.hub.queues.upstream import link as hub_link
from spaceport.hub.queues.upstream.http import ReplicaHttp, headers_of
from spaceport.hub.queues.upstream.link import Link, LinkResponse
from spaceport.wire.link import LAST, Frames, Part, pack, part

LARGE = b"x" * (5 << 20)


class App:
    """Does what the path says."""

    def __init__(self):
        self.left = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive()).get("more_body") or message.get("body"):
            body += message["body"]
            if not message.get("more_body"):
                break
        kind = scope["path"].rsplit("/", 1)[1]
        start = {"type": "http.response.start", "status": 200, "headers": [(b"x-kind", kind.encode())]}
        if kind == "echo":
            headers = dict(scope["headers"])
            answer = b"|".join([scope["method"].encode(), scope["query_string"], headers[b"x-own"], body])
            sized = [(b"content-length", b"%d" % len(answer))]
            if not scope[SEND_RESPONSE](send, 201, sized, answer):
                await send({"type": "http.response.start", "status": 201, "headers": sized})
                await send({"type": "http.response.body", "body": answer})
        elif kind == "steps":
            await send(start)
            for number in range(3):
                await send({"type": "http.response.body", "body": b"%d;" % number, "more_body": True})
                await asyncio.sleep(0.01)
            await send({"type": "http.response.body", "body": b"end"})
        elif kind == "large":
            await send(start)
            for _ in range(4):
                await send({"type": "http.response.body", "body": LARGE, "more_body": True})
            await send({"type": "http.response.body"})
        elif kind == "breaks":
            await send(start)
            await send({"type": "http.response.body", "body": b"so far", "more_body": True})
            raise RuntimeError("broken")
        elif kind == "waits":
            await send(start)
            await send({"type": "http.response.body", "body": b"so far", "more_body": True})
            gone, go = asyncio.ensure_future(receive()), asyncio.ensure_future(self.go.wait())
            await asyncio.wait([gone, go], return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                assert gone.result()["type"] == "http.disconnect"
                self.left.set()
            gone.cancel()
            await send({"type": "http.response.body"})


@contextlib.asynccontextmanager
async def served(*, links=True):
    app = App()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, http=http_protocol(5.0, (lambda: None) if links else None), lifespan="off", log_level="critical"
        )
        server = uvicorn.Server(config)
        task = asyncio.ensure_future(server.serve([bound]))
        http = Http1(ssl.create_default_context)
        link = Link(ReplicaHttp(http, f"127.0.0.1:{bound.getsockname()[1]}"))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield app, link, server
        finally:
            app.go.set()
            link.close()
            await http.close()
            server.should_exit = True
            await task


async def ask(link, kind, body=None, method="POST"):
    async with link.ask(method, kind, {"x-own": "mine"}, body, query="a=b%20c") as answer:
        headers = {name: value for name, value in headers_of(answer).items() if name not in ("date", "server")}
        return answer.status, headers, b"".join([chunk async for chunk in answer.chunks()])


async def ask_on(link):
    while True:
        await ask(link, "echo")


async def linked(link):
    """Once there is one."""
    while not isinstance(link.ask("GET", "echo", {}), LinkResponse):
        await asyncio.sleep(0.01)


async def test_it_says_what_http_says():
    async with served() as (_, link, _server):
        by_http = await ask(link, "echo", b"body")
        await linked(link)
        assert await ask(link, "echo", b"body") == by_http
        assert by_http[0] == 201
        assert by_http[2] == b"POST|a=b%20c|mine|body"
        assert (await ask(link, "steps"))[2] == b"0;1;2;end"
        assert (await ask(link, "steps"))[1]["x-kind"] == "steps"


async def test_many_at_once_and_large_ones():
    async with served() as (_, link, _server):
        await linked(link)
        answers = await asyncio.gather(
            *(ask(link, "echo", b"%d" % number) for number in range(200)), ask(link, "large"), ask(link, "echo", LARGE)
        )
        assert [answer[2] for answer in answers[:200]] == [b"POST|a=b%%20c|mine|%d" % number for number in range(200)]
        assert answers[200][2] == LARGE * 4
        assert answers[201][2].endswith(LARGE)


async def test_what_breaks_says_so_and_the_link_goes_on():
    async with served() as (_, link, _server):
        await linked(link)
        async with link.ask("GET", "breaks", {}) as answer:
            chunks = answer.chunks()
            assert await chunks.__anext__() == b"so far"
            with pytest.raises(ConnectionFailed) as caught:
                await chunks.__anext__()
        assert caught.value.sent
        assert isinstance(link.ask("GET", "echo", {}), LinkResponse)
        assert (await ask(link, "echo"))[0] == 201


async def test_the_app_hears_of_who_leaves():
    async with served() as (app, link, _server):
        await linked(link)
        async with link.ask("GET", "waits", {}) as answer:
            assert await answer.chunks().__anext__() == b"so far"
        await asyncio.wait_for(app.left.wait(), 10)
        assert (await ask(link, "echo"))[0] == 201


async def test_a_cut_link_fails_what_is_on_and_is_made_again():
    async with served() as (app, link, server):
        await linked(link)
        async with link.ask("GET", "waits", {}) as answer:
            assert await answer.chunks().__anext__() == b"so far"
            for connection in list(server.server_state.connections):
                if hasattr(connection, "send_part"):
                    connection._outbox.transport.abort()
            with pytest.raises(ConnectionFailed):
                await answer.chunks().__anext__()
        await asyncio.wait_for(app.left.wait(), 10)
        assert (await ask(link, "echo"))[0] == 201
        await linked(link)
        assert (await ask(link, "echo"))[0] == 201


async def test_a_server_that_stops_ends_its_answers_first():
    async with served() as (app, link, server):
        await linked(link)
        async with link.ask("GET", "waits", {}) as answer:
            assert await answer.chunks().__anext__() == b"so far"
            server.should_exit = True
            await asyncio.sleep(0.3)
            app.go.set()
            assert [chunk async for chunk in answer.chunks()] == []
        with pytest.raises(ConnectionFailed):
            await asyncio.wait_for(ask_on(link), 10)


async def test_a_silent_one_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(hub_link, "_CHECK_INTERVAL_S", 0.05)
    monkeypatch.setattr(hub_link, "READ_TIMEOUT_S", 0.1)
    async with served() as (_, link, _server):
        await linked(link)
        async with link.ask("GET", "waits", {}) as answer:
            assert await answer.chunks().__anext__() == b"so far"
            with pytest.raises(RequestTimeout):
                await answer.chunks().__anext__()


async def test_a_server_that_knows_no_link_is_asked_by_http():
    async with served(links=False) as (_, link, _server):
        for _ in range(20):
            assert (await ask(link, "echo"))[2].startswith(b"POST|")
            assert not isinstance(link.ask("GET", "echo", {}), LinkResponse)
            await asyncio.sleep(0.01)
        assert link._unsupported


@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(1, 400), max_size=30))
def test_frames_are_found_however_they_come(chunks, cuts):
    sent = b"".join(pack(Part(number, 200, [(b"a", b"b")], chunk, LAST)) for number, chunk in enumerate(chunks))
    frames, found, at = Frames(), [], 0
    for cut in [*cuts, len(sent)]:
        found += frames.feed(sent[at : at + cut])
        at += cut
    assert [part(one).chunk for one in found] == chunks
