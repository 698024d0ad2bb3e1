"""`python -m benchmarks.scale`: a hub with very many Spaces, waiting calls and open streams; writes SCALE.md."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import resource
import shutil
import sqlite3
import sys
import time
from pathlib import Path

from benchmarks import load, rows
from benchmarks.client import Connection
from benchmarks.hub import Hub, memory
from benchmarks.server import Server
from spaceport.hub.state import Hub as State

OUT = Path(__file__).parent / "SCALE.md"
_BUSY = "/admin/busy"
_ACTIVE = 1000
_VALUES = 50
"""Values that each active stream gets, two a second."""
_STARTS_S = 10.0
"""The active streams start within this time, one after another; then the hub is asked for its health for as long."""


async def restart(spaces: int, waiting: int) -> tuple[float, float, int]:
    """Seconds from the start of a hub to its first answer, and to the first result of a Space; calls that are lost."""
    with Hub(0, kinds=("busy", "ours")) as hub:
        async with load.waiting_calls(hub.apps, _BUSY, waiting):
            pass
        hub.kill()
        _add_spaces(Path(hub.folder), hub.token, spaces)
        answers_s = await asyncio.to_thread(hub.start)
        begun = time.monotonic()
        connection = await Connection.open(hub.apps)
        connection.prefix = "/admin/ours"
        await connection.call("echo", "awake")
        result_s = answers_s + time.monotonic() - begun
        connection.close()
        return answers_s, result_s, waiting - _unfinished(Path(hub.folder))


def _add_spaces(data: Path, token: str, count: int) -> None:
    """Add Spaces that were never pushed to; their repositories are copies of one."""
    with contextlib.closing(State(data)) as state:
        owner = state.accounts.get_account("admin")
        first = state.spaces.create(state.tokens.identify(token), "admin", "idle", "gradio", private=False)
        for number in range(count):
            folder = f"spaces/idle{number}"
            shutil.copytree(data / first.folder, data / folder)
            state.store.add_space(
                owner.id, f"idle{number}", f"admin-idle{number}", folder, "gradio", time.time(), private=False
            )


def _unfinished(data: Path) -> int:
    """How many calls of all Spaces have no outcome yet."""
    found = 0
    for path in data.glob("spaces/*/jobs.db"):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
            found += journal.execute("SELECT count(*) FROM jobs WHERE finished_at IS NULL").fetchone()[0]
    return found


async def streams(count: int) -> tuple[float, float, float]:
    """Bytes of a hub's memory for an open stream, the same of a bare server, and the longest time without an answer."""
    async with Server("bare") as bare:
        bare_bytes = await rows.idle_streams(bare, count)
    with Hub(0, kinds=("busy", "ours"), SPACEPORT_STREAMS_MAX_PER_CALLER="1000000") as hub:
        first = await Connection.open(hub.apps)
        first.prefix = _BUSY
        await first.submit("hold", 3600)
        waiting = await first.submit("hold", 3600)
        before = memory(hub.process.pid)
        opened = []
        for _ in range(count):
            stream = await Connection.open(hub.apps)
            await stream.open_stream(f"{_BUSY}/gradio_api/call/hold/{waiting}?events=all")
            opened.append(stream)
        await asyncio.sleep(1)
        each = (memory(hub.process.pid) - before) / count
        readers = [asyncio.ensure_future(_read_values(hub.apps, _STARTS_S * i / _ACTIVE)) for i in range(_ACTIVE)]
        await asyncio.sleep(_STARTS_S)
        command = [sys.executable, "-m", "benchmarks.probe", str(hub.port), str(_STARTS_S)]
        probe = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        longest_s = float((await probe.communicate())[0])
        await asyncio.gather(*readers)
        for stream in [first, *opened]:
            stream.close()
    return each, bare_bytes, longest_s


async def _read_values(port: int, after_s: float) -> None:
    await asyncio.sleep(after_s)
    connection = await Connection.open(port)
    connection.prefix = "/admin/ours"
    await connection.call("ticks", _VALUES)
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--spaces", type=int, default=10_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--streams", type=int, default=10_000)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    answers_s, result_s, lost = asyncio.run(restart(options.spaces, options.waiting))
    print(f"restart {answers_s:.2f} s, {result_s:.2f} s, lost {lost}", flush=True)
    each, bare, longest_s = asyncio.run(streams(options.streams))
    text = f"""# A hub with very many of everything

Made by `make bench`; edit `benchmarks/`, not this page.

One run; hub, apps and callers share {os.cpu_count()} cores ({platform.machine()}, Python {platform.python_version()}).

| {options.spaces:,} Spaces, {options.waiting:,} waiting calls; `kill -9`, and start | goal | |
|---|---|---|
| until the hub answers | ≤ 3 s | {answers_s:.2f} s |
| until a Space that slept has answered a call | | {result_s:.2f} s |
| waiting calls that are lost | 0 | {lost} |

| {options.streams:,} open streams through the hub | goal | |
|---|---|---|
| memory of the hub for each | ≤ 1.5 × bare | {each / 1e3:.1f} kB ({each / bare:.2f} × of {bare / 1e3:.1f} kB) |
| longest wait for an answer while {_ACTIVE:,} more get two values a second | ≤ 100 ms | {longest_s * 1e3:.0f} ms |
"""
    print(text)
    OUT.write_text(text)


if __name__ == "__main__":
    main()
