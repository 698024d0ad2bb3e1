"""What every runner must do (runner/base.py), on each implementation."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from spaceport.runner.base import Ended, Listening, ReplicaSpec, Starting
from spaceport.runner.local.runner import LocalRunner

SERVE = """
import http.server, os, sys
port = int(os.environ["GRADIO_SERVER_PORT"])
print("here I am", flush=True)
http.server.HTTPServer((os.environ["GRADIO_SERVER_NAME"], port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture(params=["local", "local, as it finds the machine"])
async def runner(request):
    made = LocalRunner(processes=50, own_addresses=False if request.param == "local" else None)
    yield made
    for replica_id in list(made._known):
        await made.stop(type("Named", (), {"id": replica_id})())


def spec(folder: Path, program: str, **more) -> ReplicaSpec:
    command = [sys.executable, "-c", program]
    return ReplicaSpec(
        command, folder, {"PATH": os.defpath, **more.pop("environment", {})}, folder / "log", "e", **more
    )


def nobody(_reason: str) -> None:
    raise AssertionError("it ended")


async def until(runner, replica, kind, within=20.0):
    deadline = time.monotonic() + within
    while not isinstance(status := await runner.poll(replica), kind):
        assert time.monotonic() < deadline, status
        await asyncio.sleep(0.02)
    return status


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


async def answer(address: str) -> bytes:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    found = await reader.read()
    writer.close()
    return found


async def test_it_starts_listens_and_stops(runner, tmp_path):
    replica = await runner.start(spec(tmp_path, SERVE), nobody)
    assert (replica.epoch, replica.id.isascii(), len(replica.id) < 256) == ("e", True, True)
    address = (await until(runner, replica, Listening)).address
    assert (await answer(address)).startswith(b"HTTP/1.0 200")
    assert await runner.poll(replica) == Listening(address)
    await runner.stop(replica)
    with pytest.raises(OSError):
        await answer(address)
    assert await runner.poll(replica) == Ended()
    await runner.stop(replica)  # once more is no fault
    assert "here I am" in (tmp_path / "log").read_text()


async def test_one_that_does_not_listen_is_starting(runner, tmp_path):
    replica = await runner.start(spec(tmp_path, "import time; time.sleep(60)"), nobody)
    for _ in range(5):
        status = await runner.poll(replica)
        assert isinstance(status, Starting)
        await asyncio.sleep(0.1)
    assert 0 < status.port < 65536


@pytest.mark.parametrize("program", ["raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)"])
async def test_the_end_is_told_once(runner, tmp_path, program):
    told = asyncio.Queue()
    replica = await runner.start(spec(tmp_path, program), told.put_nowait)
    assert await asyncio.wait_for(told.get(), 20) == ""
    assert isinstance(await runner.poll(replica), Ended)
    await runner.stop(replica)
    await asyncio.sleep(0.1)
    assert told.empty()


async def test_a_program_that_does_not_exist(runner, tmp_path):
    told = asyncio.Queue()
    missing = ReplicaSpec(["/nowhere/python"], tmp_path, {}, tmp_path / "log", "e")
    with contextlib.suppress(OSError):  # either is told
        replica = await runner.start(missing, told.put_nowait)
        await asyncio.wait_for(told.get(), 20)
        await runner.stop(replica)
        assert "/nowhere/python cannot be run" in (tmp_path / "log").read_text()


async def test_stop_gives_time_and_then_kills(runner, tmp_path):
    program = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("asked to end", flush=True), time.sleep(0.3), sys.exit(0)))
print("up", flush=True)
time.sleep(60)
"""
    replica = await runner.start(spec(tmp_path, program), nobody)
    while "up" not in (tmp_path / "log").read_text():
        await asyncio.sleep(0.02)
    began = time.monotonic()
    await runner.stop(replica)
    assert 0.3 < time.monotonic() - began < 9
    assert "asked to end" in (tmp_path / "log").read_text()


async def test_what_it_started_ends_with_it(runner, tmp_path):
    program = """
import os, subprocess, sys, time
for _ in range(3):  # a session of its own, and no parent
    subprocess.Popen(["sh", "-c", "setsid sleep 300 & echo $! >> pids"])
time.sleep(0.5)
print("up", flush=True)
time.sleep(300)
"""
    replica = await runner.start(spec(tmp_path, program), nobody)
    while "up" not in (tmp_path / "log").read_text():
        await asyncio.sleep(0.02)
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert [alive(pid) for pid in pids] == [True] * 3
    await runner.stop(replica)
    assert [alive(pid) for pid in pids] == [False] * 3


async def test_its_environment_is_what_it_is_given_and_the_port(runner, tmp_path, monkeypatch):
    monkeypatch.setenv("SPACEPORT_UPSTREAM_TOKEN", "secret")
    program = "import os; print(sorted(os.environ), flush=True)"
    told = asyncio.Queue()
    replica = await runner.start(spec(tmp_path, program, environment={"A": "1", "LC_ALL": "C"}), told.put_nowait)
    await asyncio.wait_for(told.get(), 20)
    await runner.stop(replica)
    found = (tmp_path / "log").read_text().strip()
    assert found == str(["A", "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "LC_ALL", "PATH"])


async def test_limits(runner, tmp_path):
    program = "import resource as r; print(r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_NOFILE)[0], flush=True)"
    told = asyncio.Queue()
    replica = await runner.start(spec(tmp_path, program, memory=3 << 30, files=500), told.put_nowait)
    await asyncio.wait_for(told.get(), 20)
    await runner.stop(replica)
    assert (tmp_path / "log").read_text().split() == [str(3 << 30), "500"]


async def test_another_runner_adopts_it(runner, tmp_path):
    replica = await runner.start(spec(tmp_path, SERVE), nobody)
    address = (await until(runner, replica, Listening)).address
    for process in runner._known.values():
        runner._unwatch(process)
    runner._known.clear()  # the hub was killed
    later, told = LocalRunner(processes=50), asyncio.Queue()
    assert await later.adopt(replica, told.put_nowait) == Listening(address)
    assert await later.poll(replica) == Listening(address)
    os.kill(int(replica.id.partition("-")[0]), signal.SIGKILL)
    await asyncio.wait_for(told.get(), 20)
    await later.stop(replica)
    assert isinstance(await later.adopt(replica, nobody), Ended)


@pytest.mark.parametrize("times", [1, 5])
async def test_start_that_is_cancelled_leaves_nothing(runner, tmp_path, times):
    task = asyncio.ensure_future(runner.start(spec(tmp_path, f"# {tmp_path}\nimport time; time.sleep(300)"), nobody))
    for _ in range(times):
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _read(path)]
    assert not left


def _read(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


async def test_many_start_at_once(runner, tmp_path):
    """Each gets what the first gets."""
    replicas = await asyncio.gather(*(runner.start(spec(tmp_path, SERVE), nobody) for _ in range(6)))
    addresses = {(await until(runner, replica, Listening)).address for replica in replicas}
    assert len(addresses) == 6
    assert len({address.startswith("127.0.0.1:") for address in addresses}) == 1
