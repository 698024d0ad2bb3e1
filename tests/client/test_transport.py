"""The client's HTTP against servers that do what real ones do, and what broken ones do."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

from spaceport.client.errors import ConnectionFailed, RequestTimeout, ServerError
from spaceport.client.http import Http
from spaceport.client.network import Settings
from spaceport.client.transport.base import Timeouts

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Line:
    """One connection as its server sees it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def request(self):
        """(first line, headers, body), or None at the end of the line. Sends nothing."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *fields = head.decode().rstrip().split("\r\n")
        headers = dict(field.split(": ", 1) for field in fields)
        body = b""
        if "content-length" in headers:
            body = await self.reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readline(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        return first, headers, body

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()


@contextlib.asynccontextmanager
async def served(script, *, tls=None, **settings):
    """An `Http` to a server that runs `script(line)` for each connection; `http.lines` counts them."""
    tasks = set()

    async def connected(reader, writer):
        http.lines += 1
        tasks.add(asyncio.current_task())
        try:
            await script(Line(reader, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    scheme = "https" if tls else "http"
    http = Http(f"{scheme}://127.0.0.1:{port}/", Settings.read(settings, ssl_verify=True), {})
    http.lines = 0
    try:
        yield http
    finally:
        await http.close()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answers(*parts, pause=0.0):
    """Each request on each connection gets the same bytes."""

    async def script(line):
        while await line.request() is not None:
            for part in parts:
                await line.say(part)
                await asyncio.sleep(pause)

    return script


def once(*parts, pause=0.0):
    """The first request gets the bytes, then the line is closed."""

    async def script(line):
        if await line.request() is not None:
            for part in parts:
                await line.say(part)
                await asyncio.sleep(pause)

    return script


BODIES = {
    "sized": [OK],
    "chunked": [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n", b"1;x=y\r\nk\r\n0\r\na: b\r\n\r\n"],
    "byte by byte": [bytes([one]) for one in OK],
    "after 100 and 103": [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\ncontent-length: 9\r\n\r\n", OK],
    "until the end of the line": [b"HTTP/1.1 200 OK\r\n\r\no", b"k"],
    "http 1.0": [b"HTTP/1.0 200 OK\r\n\r\nok"],
}


@pytest.mark.parametrize("name", BODIES)
async def test_reads_every_kind_of_body(name):
    async with served(once(*BODIES[name], pause=0.005 if len(BODIES[name]) < 3 else 0)) as http:
        for _ in range(2):
            response, body = await http.fetch("GET", "x")
            assert (response.status, body) == (200, b"ok")


async def test_no_body_where_there_is_none():
    async with served(answers(b"HTTP/1.1 204 No Content\r\n\r\n")) as http:
        for _ in range(3):
            assert (await http.fetch("DELETE", "x"))[1] == b""
        assert http.lines == 1
    async with served(answers(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")) as http:
        for _ in range(3):
            assert (await http.fetch("HEAD", "x"))[1] == b""
        assert http.lines == 1


BROKEN = {
    "cut in the body": ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"], "closed it before the answer was whole"),
    "cut in a chunk": (
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok"],
        "before the answer was whole",
    ),
    "cut in the head": ([b"HTTP/1.1 200 OK\r\nconte"], "before the answer was whole"),
    "closed at once": ([], "before the answer was whole"),
    "not http": ([b"SSH-2.0-OpenSSH_9.2\r\n"], "does not speak HTTP"),
    "endless head": ([b"HTTP/1.1 200 OK\r\n", *[b"a: %b\r\n" % (b"x" * 60_000)] * 6], "does not speak HTTP"),
    "switches": ([b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"], "does not speak HTTP"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_says_what_is_broken(name):
    parts, text = BROKEN[name]
    async with served(once(*parts)) as http:
        with pytest.raises(ConnectionFailed, match=text) as caught:
            await http.fetch("POST", "x", content=b"1")
        assert caught.value.sent


async def test_one_connection_for_one_call_after_another_and_one_each_for_those_at_once():
    async with served(answers(OK, pause=0.01)) as http:
        for _ in range(5):
            await http.fetch("POST", "x", content=b"1")
        assert http.lines == 1
        await asyncio.gather(*(http.fetch("GET", "x") for _ in range(20)))
        assert http.lines == 20
        await http.close_idle()
        await http.fetch("GET", "x")
        assert http.lines == 21


async def test_what_the_server_closes_between_calls_is_not_used_again():
    async with served(answers(OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))) as http:
        for _ in range(3):
            await http.fetch("POST", "x", content=b"1")
        assert http.lines == 3

    async def closes(line):
        await line.request()
        await line.say(OK)

    async with served(closes) as http:
        for _ in range(3):
            await http.fetch("POST", "x", content=b"1")
            await asyncio.sleep(0.01)
        assert http.lines == 3


async def test_a_get_that_meets_the_close_is_sent_again_and_a_post_is_not():
    async def closes_when_asked_again(line):
        await line.request()
        await line.say(OK)
        await line.request()

    async with served(closes_when_asked_again) as http:
        await http.fetch("GET", "x")
        assert (await http.fetch("GET", "x"))[1] == b"ok"
        with pytest.raises(ConnectionFailed):
            await http.fetch("POST", "x", content=b"1")


async def test_words_nobody_asked_for_end_a_connection():
    async with served(once(OK, b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged", pause=0.05)) as http:
        for _ in range(2):
            assert (await http.fetch("GET", "x"))[1] == b"ok"
            await asyncio.sleep(0.1)
        assert http.lines == 2


async def test_silence_ends_with_the_time_limit():
    async def silent(line):
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
        await asyncio.sleep(30)

    async with served(silent) as http:
        begun = time.monotonic()
        with pytest.raises(RequestTimeout, match="did not answer in time"):
            await http.fetch("GET", "x", timeouts=Timeouts(1, 0.2))
        assert time.monotonic() - begun < 5


async def test_a_slow_but_living_stream_has_no_limit():
    chunk = b"1\r\nx\r\n"
    parts = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", *[chunk] * 8, b"0\r\n\r\n"]
    async with served(answers(*parts, pause=0.1)) as http:
        assert (await http.fetch("GET", "x", timeouts=Timeouts(1, 0.4)))[1] == b"x" * 8


async def test_an_answer_before_the_upload_is_over_is_heard():
    async def refuses(line):
        await line.reader.readuntil(b"\r\n\r\n")
        await line.say(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig")
        await asyncio.sleep(0.5)

    async def endless():
        while True:
            yield b"x" * 100_000

    async with served(refuses) as http:
        response, body = await http.fetch("POST", "x", content=endless())
        assert (response.status, body) == (413, b"big")


async def test_bodies_in_pieces_arrive_whole():
    seen = []

    async def keeps(line):
        while (request := await line.request()) is not None:
            seen.append(request)
            await line.say(OK)

    async def pieces():
        for one in (b"a", b"", b"bc" * 200_000):
            yield one

    async with served(keeps) as http:
        await http.fetch("POST", "x", content=pieces())
        await http.fetch("POST", "x", content=pieces(), headers={"content-length": "400001"})
        assert http.lines == 1
    assert [body for _, _, body in seen] == [b"a" + b"bc" * 200_000] * 2
    assert seen[0][1]["transfer-encoding"] == "chunked"


async def test_a_reader_that_is_slow_stops_the_sender():
    sent = 0

    async def floods(line):
        nonlocal sent
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await line.say(b"x" * 100_000)
            sent += 100_000

    async with served(floods) as http, http.stream("GET", "x") as response:
        await anext(response.chunks)
        await asyncio.sleep(0.5)
        assert sent < 30_000_000
        before = sent
        async for _ in response.chunks:
            if sent > before + 1_000_000:
                break


@pytest.mark.parametrize("name", ["x\r\ny", "x: y\r\nz"])
async def test_a_header_cannot_add_another(name):
    async with served(answers(OK)) as http:
        with pytest.raises(ValueError, match="line break"):
            await http.fetch("GET", "x", headers={"x-mine": name})
        assert (await http.fetch("GET", "x"))[1] == b"ok"


async def test_paths_are_quoted():
    seen = []

    async def keeps(line):
        while (request := await line.request()) is not None:
            seen.append(request[0])
            await line.say(OK)

    async with served(keeps) as http:
        await http.fetch("GET", "file=/tmp/ein Bild ü.png?a=b c#frag")
        await http.fetch("GET", "a%20b")
    assert seen == ["GET /file=/tmp/ein%20Bild%20%C3%BC.png?a=b%20c HTTP/1.1", "GET /a%20b HTTP/1.1"]


@pytest.mark.parametrize("url", ["ftp://host/", "http://", "http://host:99999/", "file:///etc/passwd", "http://[::1/"])
async def test_what_is_no_address_of_a_server(url):
    http = Http(url, Settings(), {})
    with pytest.raises(ConnectionFailed) as caught:
        await http.fetch("GET", "x")
    assert not caught.value.sent
    await http.close()


async def test_a_name_that_does_not_exist():
    http = Http("http://nobody.invalid/", Settings(), {})
    with pytest.raises((ConnectionFailed, RequestTimeout), match=r"nobody\.invalid"):
        await asyncio.gather(*(http.fetch("GET", "x") for _ in range(5)))
    await http.close()


async def test_redirects_end():
    async with served(answers(b"HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n")) as http:
        with pytest.raises(ServerError, match="redirects more than 5 times"):
            await http.fetch("GET", "x", follow=True)


async def test_cookies_come_back():
    seen = []

    async def keeps(line):
        while (request := await line.request()) is not None:
            seen.append(request[1].get("cookie"))
            await line.say(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/; HttpOnly\r\nset-cookie: c=d\r\n\r\n"))

    async with served(keeps, cookies={"mine": "1"}) as http:
        await http.fetch("GET", "x")
        await http.fetch("GET", "x")
    assert seen == ["mine=1", "mine=1; a=b; c=d"]


def open_sockets():
    """Descriptors of this process that are sockets (Linux)."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += [one] if str(one.readlink()).startswith("socket:") else []
    return found


async def test_nothing_is_left_open():
    async def keeps(line):
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n\r\nx")
        await asyncio.sleep(30)

    async with served(keeps) as http:
        before = len(open_sockets())
        streams = contextlib.AsyncExitStack()
        async with streams:
            for _ in range(5):
                await streams.enter_async_context(http.stream("GET", "x"))
            assert len(open_sockets()) == before + 10
            await http.close()
            await asyncio.sleep(0.05)
            assert len(open_sockets()) == before + 5  # the server's ends


# TLS


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def server_context(authority, name, *, wants_client=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    if wants_client:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def test_tls_with_an_authority_of_ones_own(authority, tmp_path):
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    for verify in (str(file), trusted, False):
        async with served(answers(OK), tls=server_context(authority, "127.0.0.1"), verify=verify) as http:
            for _ in range(3):
                assert (await http.fetch("POST", "x", content=b"1"))[1] == b"ok"
            assert http.lines == 1


@pytest.mark.parametrize(("name", "verify"), [("127.0.0.1", True), ("elsewhere.example", "own")])
async def test_tls_that_cannot_be_trusted_is_refused(authority, tmp_path, name, verify):
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    verify = str(file) if verify == "own" else verify
    async with served(answers(OK), tls=server_context(authority, name), verify=verify) as http:
        with pytest.raises(ConnectionFailed, match="certificate verify failed") as caught:
            await http.fetch("GET", "x")
        assert not caught.value.sent


async def test_tls_with_a_client_certificate(authority, tmp_path):
    ca, mine = tmp_path / "ca.pem", tmp_path / "mine.pem"
    authority.cert_pem.write_to_path(str(ca))
    authority.issue_cert("me@example.org").private_key_and_cert_chain_pem.write_to_path(str(mine))
    tls = server_context(authority, "127.0.0.1", wants_client=True)
    async with served(answers(OK), tls=tls, verify=str(ca), cert=str(mine)) as http:
        assert (await http.fetch("GET", "x"))[1] == b"ok"


async def test_a_missing_authority_is_named():
    http = Http("https://127.0.0.1:1/", Settings.read({"verify": "/nowhere/ca.pem"}, ssl_verify=True), {})
    with pytest.raises(ConnectionFailed, match="No such file"):
        await http.fetch("GET", "x")
    await http.close()


# Proxies


class Proxy:
    """Forwards and tunnels; `seen` lists the first lines and what they were let in with."""

    def __init__(self):
        self.seen = []

    async def script(self, line):
        request = await line.request()
        if request is None:
            return
        first, headers, body = request
        self.seen.append((first, headers.get("Proxy-Authorization")))
        method, target, _ = first.split()
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            await line.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
            reader, writer = await asyncio.open_connection(host, int(port))
        else:
            host, _, rest = target.removeprefix("http://").partition("/")
            name, _, port = host.partition(":")
            reader, writer = await asyncio.open_connection(name, int(port))
            fields = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
            writer.write(f"{method} /{rest} HTTP/1.1\r\n{fields}\r\n".encode() + body)

        async def pass_on(source, sink):
            with contextlib.suppress(ConnectionError):
                while data := await source.read(65536):
                    sink.write(data)
            sink.close()

        await asyncio.gather(pass_on(line.reader, writer), pass_on(reader, line.writer))


async def test_through_a_proxy(authority, monkeypatch):
    proxy = Proxy()
    async with served(proxy.script) as way:
        address = way.base.replace("http://", "http://user:secret@").rstrip("/")
        for tls in (None, server_context(authority, "127.0.0.1")):
            async with served(answers(OK), tls=tls, proxy=address, verify=False) as http:
                assert (await http.fetch("POST", "x", content=b"1"))[1] == b"ok"
            monkeypatch.setenv("ALL_PROXY", address)
            async with served(answers(OK), tls=tls, verify=False) as http:
                assert (await http.fetch("GET", "x"))[1] == b"ok"
                monkeypatch.setenv("NO_PROXY", "127.0.0.1")
                direct = len(proxy.seen)
                assert (await http.fetch("GET", "x"))[1] == b"ok"
                assert len(proxy.seen) == direct
                monkeypatch.delenv("NO_PROXY")
            monkeypatch.delenv("ALL_PROXY")
    kinds = [first.split()[0] for first, _ in proxy.seen]
    assert kinds == ["POST", "GET", "CONNECT", "CONNECT"]
    assert all(secret == "Basic dXNlcjpzZWNyZXQ=" for _, secret in proxy.seen)


async def test_a_proxy_that_is_not_there(monkeypatch):
    async with served(answers(OK), proxy="http://127.0.0.1:1") as http:
        with pytest.raises(ConnectionFailed, match="through the proxy failed") as caught:
            await http.fetch("GET", "x")
        assert not caught.value.sent
    async with served(answers(OK), proxy="127.0.0.1:1") as http:
        with pytest.raises(ValueError, match="is no proxy"):
            await http.fetch("GET", "x")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with served(answers(OK), trust_env=False) as http:
        assert (await http.fetch("GET", "x"))[1] == b"ok"


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [("from spaceport import Client", []), ("from spaceport import AsyncClient", ["asyncio", "httptools"])],
)
def test_what_an_import_loads(statement, loaded):
    heavy = ["asyncio", "httptools", "httpcore", "httpx", "anyio", "starlette", "msgspec"]
    code = f"import sys; {statement}; print(*(one for one in {heavy} if one in sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == loaded
