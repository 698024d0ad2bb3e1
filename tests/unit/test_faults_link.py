"""What a hostile replica may send a hub, and what the hub keeps of it in memory."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from types import SimpleNamespace

import aiohttp
import pytest
from tests.faults import fault

from spaceport.client.errors import ConnectionFailed
from spaceport.client.transport.http1 import Http1
from spaceport.engine import Retryable
from spaceport.hub.queues import description
from spaceport.hub.queues.description import Kind
from spaceport.hub.queues.upstream import events, http
from spaceport.hub.queues.upstream.events import EventReader, EventTooLarge
from spaceport.hub.queues.upstream.gradio import GradioUpstream
from spaceport.hub.queues.upstream.http import ReplicaHttp, read_body
from spaceport.hub.queues.upstream.link import _FRAMES_A_TURN, _HIGH_WATER, Link, LinkResponse
from spaceport.hub.queues.upstream.native import NativeUpstream
from spaceport.wire import link as wire


@contextlib.asynccontextmanager
async def listening(serve):
    """The address of a server that runs `serve(reader, writer)` for each connection."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def linked(serve):
    """A link to a replica that sends the preface back and then runs `serve(reader, writer)`."""

    async def greet(reader, writer):
        if await reader.read(len(wire.PREFACE)) != wire.PREFACE:
            writer.close()
            return
        writer.write(wire.PREFACE)
        with contextlib.suppress(OSError):
            await serve(reader, writer)

    transport = Http1(ssl.create_default_context)
    async with listening(greet) as address:
        link = Link(ReplicaHttp(transport, address))
        try:
            while True:
                sent = link.ask("GET", "x", {})
                if isinstance(sent, LinkResponse):
                    break
                sent._sent.close()
                await asyncio.sleep(0.01)
            yield link
        finally:
            link.close()
            await transport.close()


@fault(
    kind="limit",
    given="the link's other end announces a frame of 2 GiB",
    before="the hub gathered all that came: 300 MB took it from 65 to 369 MB",
    now="it closes the link as soon as a frame above 16 MB is announced",
)
@pytest.mark.parametrize("length", [wire.MAX_FRAME + 1, 2 << 30, (4 << 30) - 1])
async def test_a_frame_above_the_limit_closes_the_link(length):
    closed = asyncio.Event()

    async def serve(reader, writer):
        await reader.read(1)
        writer.write(length.to_bytes(4, "big") + b"x" * 100)
        await reader.read()
        closed.set()

    async with linked(serve) as link:
        with pytest.raises(ConnectionFailed):
            async with link.ask("GET", "x", {}):
                pass
        await asyncio.wait_for(closed.wait(), 10)


def test_frames_up_to_the_limit_are_taken():
    frames = wire.Frames()
    largest = b"x" * wire.MAX_FRAME
    assert frames.feed(wire.MAX_FRAME.to_bytes(4, "big")) == []
    assert frames.feed(largest[:-1]) == []
    assert frames.feed(b"x") == [largest]
    with pytest.raises(wire.MalformedFrame):
        frames.feed((wire.MAX_FRAME + 1).to_bytes(4, "big"))


@pytest.mark.parametrize("size", [0, 1, wire.MAX_CHUNK, wire.MAX_CHUNK + 1, 3 * wire.MAX_CHUNK])
def test_a_long_part_is_split_and_says_the_same(size):
    whole = wire.Part(7, 200, [(b"a", b"b")], bytes(size), wire.LAST)
    parts = list(wire.split(whole))
    assert b"".join(part.chunk for part in parts) == whole.chunk
    assert max(len(part.chunk) for part in parts) <= wire.MAX_CHUNK
    assert [part.follows for part in parts] == [wire.MORE] * (len(parts) - 1) + [wire.LAST]
    assert [(part.status, part.headers) for part in parts] == [(200, whole.headers)] + [(0, [])] * (len(parts) - 1)


@fault(
    kind="limit",
    given="a replica sends parts of a response faster than the hub's reader takes them, without end",
    before="the hub read on and kept all of them in memory",
    now="it stops reading the link above 4 MB, and goes on when the reader has caught up",
)
async def test_a_reader_that_is_behind_stops_the_link():
    sent = 0
    parts = 100

    async def serve(reader, writer):
        nonlocal sent
        await reader.read(1)
        writer.transport.set_write_buffer_limits(0)
        writer.write(wire.pack(wire.Part(1, 200, [], b"", wire.MORE)))
        for number in range(parts):
            last = wire.LAST if number == parts - 1 else wire.MORE
            writer.write(wire.pack(wire.Part(1, 0, [], bytes(wire.MAX_CHUNK), last)))
            await writer.drain()
            sent += 1
        await reader.read()

    async with linked(serve) as link:
        first = link.ask("GET", "x", {})
        first._request.number = 1
        async with first as answer:
            before = -1
            while sent != before:
                before = sent
                await asyncio.sleep(0.3)
            assert answer._held <= _HIGH_WATER + wire.MAX_CHUNK
            assert sent < parts - 50
            assert sum([len(chunk) async for chunk in answer.chunks()]) == parts * wire.MAX_CHUNK


@pytest.mark.parametrize("over", [False, True])
def test_an_event_of_a_replica_has_a_limit(monkeypatch, over):
    monkeypatch.setattr(events, "MAX_EVENT", 1000)
    reader = EventReader()
    text = b"data: " + b"x" * (1001 if over else 1000) + b"\n\n"
    with pytest.raises(EventTooLarge) if over else contextlib.nullcontext():
        assert [len(event.data) for chunk in (text[:100], text[100:]) for event in reader.feed(chunk)] == [1000]
    endless = EventReader()
    for _ in range(90):
        endless.feed(b"x" * 11)
    with pytest.raises(EventTooLarge):
        endless.feed(b"x" * 11)


def responding(body):
    """A server whose every response is `body`, without a length."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        with contextlib.suppress(OSError):
            for start in range(0, len(body), 1 << 16):
                writer.write(body[start : start + (1 << 16)])
                await writer.drain()
            writer.close()

    return serve


@pytest.mark.parametrize("over", [0, 1])
async def test_a_body_that_is_read_whole_has_a_limit(monkeypatch, over):
    monkeypatch.setattr(http, "MAX_BODY", 1 << 20)
    transport = Http1(ssl.create_default_context)
    async with listening(responding(bytes((1 << 20) + over))) as address:
        replica = ReplicaHttp(transport, address)
        async with replica.ask("GET", "x", {}) as answer:
            with pytest.raises(ConnectionFailed) if over else contextlib.nullcontext():
                assert len(await read_body(answer)) == 1 << 20
    await transport.close()


@fault(
    kind="limit",
    given="an app whose /config (or /info) has no end",
    before="300 MB took the hub from 64 to 497 MB",
    now="16 MB are read; above that the app is proxied",
)
@pytest.mark.parametrize(
    ("over", "reason"), [(0, "it is not a Gradio app"), (1, "it describes itself in more than 16 MB or 500,000 values")]
)
async def test_a_description_has_a_limit(over, reason):
    body = b'"' + b"x" * (description._MAX_BYTES - 2 + over) + b'"'
    async with listening(responding(body)) as address, aiohttp.ClientSession() as session:
        found = await description.fetch(session, address, "commit", "epoch")
    assert (found.kind, found.reason) == (Kind.PROXIED, reason)


@fault(
    kind="parser",
    given="an app whose /config is 100,000 opening brackets",
    before="a RecursionError ended the start of the Space",
    now="the app is proxied",
)
async def test_a_description_without_sense_is_proxied():
    async with listening(responding(b"[" * 100_000)) as address, aiohttp.ClientSession() as session:
        assert (await description.fetch(session, address, "commit", "epoch")).kind is Kind.PROXIED


class Sink:
    """What the engine is to a call; it takes all that it is told."""

    async def sending(self, attempt):
        return True

    def __getattr__(self, name):
        return lambda *_: None


def dispatch():
    attempt = SimpleNamespace(sink=Sink(), begun=True, cancelled=asyncio.Event(), on_cancel=None)
    job = SimpleNamespace(id="1", attempt=1, session=None, own_session=False, retries=0, ending=False)
    call, endpoint = SimpleNamespace(query=""), SimpleNamespace(name="f", quoted_name="f", index=0)
    return SimpleNamespace(attempt=attempt, job=job, call=call, endpoint=endpoint, headers={}, body={"data": []})


def saying(events):
    """A replica that accepts every call and says `events` of it."""

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
        await reader.readexactly(length)
        body = b'{"event_id":"e"}' if b"queue/join" in head else events
        writer.write(b"HTTP/1.1 200 OK\r\nx-spaceport-job: e\r\nconnection: close\r\n\r\n" + body)
        writer.close()

    return serve


@fault(
    kind="parser",
    given="an app's message is JSON of another type than it should: a list, a number where a list is due",
    before="its reader ended in an error that nobody saw, and the session's calls waited for ever",
    now="the calls end, as failed",
)
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (GradioUpstream, b"data: [1]"),
        (GradioUpstream, b'data: {"msg":"progress","event_id":"e","progress_data":5}'),
        (GradioUpstream, b'data: {"msg":"estimation","event_id":"e","rank":[1]}'),
        (NativeUpstream, b"event: status\ndata: [1]"),
        (NativeUpstream, b"event: progress\ndata: 5"),
        (NativeUpstream, b"event: log\ndata: {}"),
    ],
)
async def test_messages_of_other_types_end_the_call(kind, message):
    transport = Http1(ssl.create_default_context)
    async with listening(saying(message + b"\n\n")) as address:
        replica = ReplicaHttp(transport, address)
        upstream = kind(replica)
        assert await asyncio.wait_for(upstream.run(dispatch()), 20) == events.MALFORMED
    await transport.close()


@fault(
    kind="call",
    given="a Gradio app that is killed after it has answered a call's join, before it has said anything of it",
    before="the call ran again on another replica, although the app may have begun it",
    now="it counts as begun, and runs again only where `retries` allows it; one that the app said to wait runs again",
)
@pytest.mark.parametrize(
    ("told", "begun"),
    [
        (b"", True),
        (b'data: {"msg":"heartbeat"}\n\n', True),
        (b'data: {"msg":"estimation","event_id":"e","rank":1,"queue_size":2}\n\n', False),
        (b'data: {"msg":"estimation","event_id":"other","rank":1}\n\n', True),
    ],
)
async def test_a_call_of_which_nothing_was_told_may_have_begun(told, begun):
    transport, call = Http1(ssl.create_default_context), dispatch()
    call.attempt.begun = False
    async with listening(saying(told)) as address:
        end = await asyncio.wait_for(GradioUpstream(ReplicaHttp(transport, address)).run(call), 20)
    assert isinstance(end, Retryable)
    assert end.begun is begun
    await transport.close()


@fault(
    kind="parser",
    given="events of 15 MB from a Space of our own, with a million values each",
    before="each was parsed in the hub's event loop, and everybody waited",
    now="what is larger than 1 MB is parsed in a thread",
)
async def test_large_events_of_our_spaces_are_parsed_in_a_thread(monkeypatch):
    threads = {}

    def decode(kind, data):
        threads[len(data)] = threading.current_thread() is threading.main_thread()

    monkeypatch.setattr("spaceport.wire.events.decode", decode)
    transport, sizes = Http1(ssl.create_default_context), (1 << 20, (1 << 20) + 1)
    told = b"".join(b"event: generating\ndata: %s\n\n" % (b"1" * size) for size in sizes)
    async with listening(saying(told + b"event: complete\ndata: [1]\n\n")) as address:
        end = await asyncio.wait_for(NativeUpstream(ReplicaHttp(transport, address)).run(dispatch()), 20)
    assert end.data == b"[1]"
    assert threads == {sizes[0]: True, sizes[1]: False}
    await transport.close()


@fault(
    kind="limit",
    given="a replica says a thousand things at once",
    before="the hub took all of them before it looked at any other connection: 2,000 streams cost a neighbour 18 times",
    now="it takes 16 of one replica in a turn of its event loop, and reads no more from it meanwhile; none is lost",
)
@pytest.mark.parametrize("breaks_off", [False, True])
async def test_a_replica_that_says_much_does_not_hold_up_the_others(breaks_off):
    async def serve(reader, writer):
        number = wire.request((await reader.read(65536))[4:]).number
        parts = [wire.pack(wire.Part(number, 200 if i == 0 else 0, [], b"%d " % i, wire.MORE)) for i in range(1000)]
        writer.write(b"".join(parts))
        if breaks_off:
            writer.close()
            return
        writer.write(wire.pack(wire.Part(number, 0, [], b"", wire.LAST)))
        await reader.read()

    async with linked(serve) as link:
        turns, text = 0, b""

        async def count_turns():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counter = asyncio.ensure_future(count_turns())
        with contextlib.suppress(ConnectionFailed):
            async with link.ask("GET", "x", {}) as answer:
                async for chunk in answer.chunks():
                    text += chunk
        counter.cancel()
        await asyncio.wait([counter])
    assert text.split() == [b"%d" % i for i in range(1000)]
    assert turns >= 1000 // _FRAMES_A_TURN
