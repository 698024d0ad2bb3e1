"""The files of a call are pinned as long as it waits and runs, and no longer, whatever becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest
import uvicorn

import spaceport as sp
from spaceport.space.app import SpaceApp
from spaceport.store import FileStore


@pytest.fixture
def pins(monkeypatch):
    """Pins by path, of all stores."""
    found, pin, unpin = Counter(), FileStore.pin, FileStore.unpin

    def counted(method, change):
        def call(store, path):
            found[str(path)] += change
            method(store, path)

        return call

    monkeypatch.setattr(FileStore, "pin", counted(pin, 1))
    monkeypatch.setattr(FileStore, "unpin", counted(unpin, -1))
    return found


def a_space(go):
    space = sp.Space()

    def read(path: str, number: float) -> str:
        if number < 0:
            raise ValueError("no")
        if number > 1:
            go.wait(20)
        return Path(path).read_text()

    space.api(read, name="read", inputs=[sp.File(), sp.Number()], outputs=[sp.Textbox()])
    return space


@contextlib.asynccontextmanager
async def served(go):
    app = SpaceApp(a_space(go), durability="memory")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="critical"))
        task = asyncio.ensure_future(server.serve([bound]))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/gradio_api"
        async with httpx.AsyncClient(base_url=url, timeout=20) as http:
            while not server.started:
                await asyncio.sleep(0.01)
            try:
                yield app, http
            finally:
                go.set()
                server.should_exit = True
                await task


async def until(true):
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never became true")


async def test_a_file_is_pinned_until_its_call_has_ended(pins):
    go = threading.Event()
    async with served(go) as (app, http):
        answer = await http.post("upload", files={"files": ("a.txt", b"hello")})
        (path,) = answer.json()
        value = {"path": path, "meta": {"_type": "gradio.FileData"}}

        async def call(*data, **headers):
            return await http.post("call/read", json={"data": data}, headers=headers)

        waits = (await call(value, 2)).json()["event_id"]
        await until(lambda: pins[path] == 1)
        assert (await call(value, "x")).status_code == 422
        assert (await call(value, 1, **{"spaceport-retries": "many"})).status_code == 422
        assert (await call(value, 1, **{"spaceport-webhook": "nothing"})).status_code == 422
        assert (await http.post("check/read", json={"data": [value, 1]})).status_code == 204
        assert pins[path] == 1, "only the call that runs needs it"
        same = [(await call(value, 1, **{"idempotency-key": "k"})).json()["event_id"] for _ in range(2)]
        assert same[0] == same[1]
        failed = (await call(value, -1)).json()["event_id"]
        queued = (await call(value, 1)).json()["event_id"]
        assert await app.engine.cancel(await app.engine.find(queued))
        running = await app.engine.find(waits)
        assert await app.engine.cancel(running)
        assert pins[path] >= 1, "the function still reads it"
        go.set()
        for job_id in (same[0], failed):
            await app.engine.ended(await app.engine.find(job_id))
        await until(lambda: not pins[path] and not app.engine.running)
        assert (await app.engine.find(same[0])).outcome.data == b'["hello"]'
    assert pins[path] == 0
