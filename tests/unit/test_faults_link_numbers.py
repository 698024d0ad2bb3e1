"""What a hostile end of a link may send: numbers, statuses, headers and requests without end."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
import pytest
from tests.faults import fault
from tests.unit.test_faults_link import linked
from tests.unit.test_link import served

from spaceport.api import link as replica_link
from spaceport.client.errors import ConnectionFailed
from spaceport.hub.queues.upstream.http import read_body
from spaceport.wire import link as wire


def parts(*found):
    """Answers the first request with these parts, whose numbers are filled in."""

    async def serve(reader, writer):
        size = int.from_bytes(await reader.readexactly(4), "big")
        number = wire.request(await reader.readexactly(size)).number
        for part in found:
            data = msgspec.msgpack.encode([number, *part])
            writer.write(len(data).to_bytes(4, "big") + data)
        await writer.drain()
        await reader.read()

    return serve


async def body_of(link):
    async with link.ask("GET", "x", {}) as response:
        return await read_body(response)


@pytest.fixture
async def replica():
    async with served() as (_, link, server):
        yield link._http.connect_to, server


@fault(
    kind="limit",
    given="a replica that ends its response on the link without a status",
    before="the hub waited for ever, and the call kept its place",
    now="the response has failed",
)
async def test_a_response_without_a_status_has_failed():
    async with linked(parts((0, [], b"", wire.LAST))) as link:
        with pytest.raises(ConnectionFailed, match="without a status"):
            await asyncio.wait_for(body_of(link), 5)


@pytest.mark.parametrize(
    ("found", "taken"),
    [
        ([(200, [], b"a", wire.MORE), (200, [], b"b", wire.LAST)], False),
        ([(200, [], b"a", wire.MORE), (0, [], b"b", wire.LAST)], True),
        ([(599, [], b"ab", wire.LAST)], True),
        ([(600, [], b"ab", wire.LAST)], False),
        ([(-1, [], b"ab", wire.LAST)], False),
        ([(200, [(b"a", b"b")] * 1000, b"ab", wire.LAST)], True),
        ([(200, [(b"a", b"b")] * 1001, b"ab", wire.LAST)], False),
    ],
)
@fault(
    kind="limit",
    given="a replica that sends a status twice, or one outside of HTTP, or a million headers in a frame of 5 MB",
    before="taken; the headers had 300 MB in the hub's memory",
    now="the link is closed; a message has at most 1,000 headers",
)
async def test_a_response_that_is_none_closes_the_link(found, taken):
    async with linked(parts(*found)) as link:
        with contextlib.nullcontext() if taken else pytest.raises(ConnectionFailed):
            assert await asyncio.wait_for(body_of(link), 5) == b"ab"


async def connected(replica, *requests):
    reader, writer = await asyncio.open_connection(*replica[0])
    writer.write(wire.PREFACE)
    assert await reader.readexactly(len(wire.PREFACE)) == wire.PREFACE
    writer.write(b"".join(wire.pack(one) for one in requests))
    return reader, writer


async def next_part(reader):
    size = int.from_bytes(await reader.readexactly(4), "big")
    return wire.part(await reader.readexactly(size))


@fault(
    kind="limit",
    given="a request on the link with a number whose response has not ended",
    before="the replica mixed up both, and raised a KeyError where other jobs publish; it did not stop any more",
    now="the link is closed",
)
async def test_a_number_that_is_in_use_closes_the_link(replica):
    waits = wire.Request(1, "GET", "/waits", b"", [])
    reader, writer = await connected(replica, waits)
    assert (await next_part(reader)).status == 200
    writer.write(wire.pack(wire.Request(2, "GET", "/steps", b"", [])))
    while (await next_part(reader)).follows != wire.LAST:
        pass
    writer.write(wire.pack(wire.Request(2, "GET", "/steps", b"", [])))  # the first one has ended
    while (await next_part(reader)).follows != wire.LAST:
        pass
    writer.write(wire.pack(waits))
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


@fault(
    kind="limit",
    given="requests without end on one link to a replica, and links without end",
    before="a task for each; each link may hold a frame of 16 MB",
    now="20,000 requests of a link at once, above it the status 503; 16 links",
)
async def test_requests_and_links_are_bounded(replica, monkeypatch):
    monkeypatch.setattr(replica_link, "_MAX_OPEN", 2)
    monkeypatch.setattr(replica_link, "_MAX_LINKS", 2)
    reader, writer = await connected(replica, *(wire.Request(i, "GET", "/waits", b"", []) for i in (1, 2, 3)))
    statuses = {part.number: part.status for part in [await next_part(reader) for _ in range(3)]}
    assert statuses == {1: 200, 2: 200, 3: 503}
    second = await connected(replica)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await connected(replica)
    for one in (writer, second[1]):
        one.close()


@fault(
    kind="limit",
    given="a link whose other end sends requests and reads no responses",
    before="all responses were kept in the replica's memory",
    now="nothing more is read from it, and responses wait, until it reads",
)
async def test_who_does_not_read_is_not_read(replica):
    _, writer = await connected(replica, *(wire.Request(i, "GET", "/large", b"", []) for i in range(100)))
    (transport,) = (one._outbox.transport for one in replica[1].server_state.connections if hasattr(one, "_outbox"))
    await asyncio.sleep(1)
    assert not transport.is_reading()
    assert transport.get_write_buffer_size() < 16 << 20
    writer.transport.abort()
