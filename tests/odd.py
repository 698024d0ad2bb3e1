"""A server that speaks Gradio's protocol badly, one way for each endpoint; raw sockets, so that nothing repairs it."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def message(kind, job="job", **more):
    return json.dumps({"msg": kind, "event_id": job, **more})


DONE = message("process_completed", output={"data": ["hi"]}, success=True)
CLOSE = message("close_stream", None)
ERROR = {"error": "boom", "title": "T", "duration": 1, "visible": True, "brand_new": 7}


def frames(*data):
    return "".join(f"data: {one}\n\n" for one in data).encode()


# What the stream of a session says, and how its connection ends.
STREAMS = {
    "ok": frames(DONE, CLOSE),
    "ends_early": frames(message("process_starts")),
    "comment": b": ping\n\n" + frames(DONE, CLOSE),
    "event_line": b"event: message\n" + frames(DONE, CLOSE),
    "id_line": b"id: 5\n" + frames(DONE, CLOSE),
    "crlf": frames(DONE, CLOSE).replace(b"\n", b"\r\n"),
    "two_data_lines": ("data: " + DONE.replace('"event_id"', '\ndata: "event_id"') + "\n\n").encode() + frames(CLOSE),
    "no_space": frames(DONE, CLOSE).replace(b"data: ", b"data:"),
    "no_close": frames(DONE),
    "unknown": frames(message("something_new"), DONE, CLOSE),
    "bad_json": b"data: {broken\n\n" + frames(DONE, CLOSE),
    "unexpected": frames(message("unexpected_error", message="boom", success=False)),
    "unexpected_all": frames(message("unexpected_error", None, message="boom", success=False)),
    "stopped": frames(message("unexpected_error", None, message="Server stopped unexpectedly.", success=False)),
    "no_data": frames(message("process_completed", output={}, success=True), CLOSE),
    "new_field": frames(message("process_completed", output=ERROR, success=False), CLOSE),
    "utf8": frames(message("process_completed", output={"data": ["näme€"]}, success=True).encode().decode(), CLOSE),
}
ENDPOINTS = [
    *STREAMS,
    *("cut", "stream_404", "stream_500", "silent"),
    "given",
    *("join_500", "join_429", "join_503", "join_html", "join_slow", "join_401"),
]


class OddServer:
    """`seen` lists (method, path, headers) of all requests.

    `redirects` maps paths to other addresses, `files` paths to contents; `output` is what /given answers; `poison`
    goes into /config.
    """

    def __init__(self):
        self.seen = []
        self.redirects = {}
        self.files = {}
        self.output = "hi"
        self.poison = {}

    def config(self):
        component = {"id": 1, "type": "textbox", "props": {}}
        dependencies = [
            {"id": n, "api_name": name, "inputs": [1], "outputs": [1], "backend_fn": True}
            for n, name in enumerate(ENDPOINTS)
        ]
        return {
            "version": "6.31.0",
            "protocol": "sse_v3",
            "api_prefix": "/gradio_api",
            "connect_heartbeat": False,
            "components": [component],
            "dependencies": dependencies,
            "root": "http://evil.example",
            **self.poison,
        }

    def info(self):
        parameter = {"label": "x", "parameter_name": "x", "parameter_has_default": True, "parameter_default": "d"}
        return {"named_endpoints": {f"/{n}": {"parameters": [parameter], "returns": []} for n in ENDPOINTS}}

    async def handle(self, reader, writer):
        try:
            while await self.one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *fields = head.strip().split("\r\n")
        method, path, _ = line.split(" ")
        headers = {key.lower(): value for key, value in (field.split(": ", 1) for field in fields)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.seen.append((method, path, headers))
        if path in self.redirects:
            return self.reply(writer, 302, b"", location=self.redirects[path])
        if path in self.files:
            return self.reply(writer, 200, self.files[path])
        if path == "/config":
            return self.reply(writer, 200, json.dumps(self.config()).encode())
        if path.startswith("/gradio_api/info"):
            return self.reply(writer, 200, json.dumps(self.info()).encode())
        if path == "/gradio_api/queue/join":
            return await self.join(writer, json.loads(body))
        if path.startswith("/gradio_api/queue/data"):
            return await self.data(writer)
        return self.reply(writer, 404, b'{"detail": "Not Found"}')

    def reply(self, writer, status, body, **headers):
        lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{lines}content-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        return True

    async def join(self, writer, body):
        self.case = ENDPOINTS[body["fn_index"]]
        answers = {
            "join_500": (500, b"oh no"),
            "join_429": (429, b'{"detail": "slow down"}'),
            "join_503": (503, b'{"detail": "Queue is full."}'),
            "join_html": (200, b"<html>"),
            "join_401": (401, b'{"detail": "Not authenticated"}'),
        }
        if self.case == "join_slow":
            await asyncio.sleep(1)
        status, answer = answers.get(self.case, (200, b'{"event_id": "job"}'))
        return self.reply(writer, status, answer)

    async def data(self, writer):
        case = self.case
        if case in ("stream_404", "stream_500"):
            return self.reply(writer, int(case[-3:]), b"no")
        writer.write(HEAD)
        if case == "silent":
            await asyncio.sleep(60)
            return False
        if case == "cut":
            self.chunk(writer, frames(message("process_starts")))
            await writer.drain()
            writer.transport.abort()
            return False
        content = STREAMS.get(case) or STREAMS["ok"]
        if case == "given":
            content = frames(message("process_completed", output={"data": [self.output]}, success=True), CLOSE)
        half = len(content) // 2
        for part in (content[:half], content[half:]) if case == "utf8" else (content,):
            self.chunk(writer, part)
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        return True

    def chunk(self, writer, data):
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))


@contextmanager
def served(server, tls=None):
    """Serve in a thread, on 127.0.0.1 and localhost; gives the URL."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    port = []

    async def start():
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
        port.append(listening.sockets[0].getsockname()[1])
        ready.set()

    def run():
        loop.run_until_complete(start())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port[0]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
