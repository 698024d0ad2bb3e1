"""`python -m benchmarks.soak` (or `make soak`): ten minutes under every kind of caller; writes SOAK.md and soak.svg.

What must stay flat: memory, descriptors, latency. What must hold: each accepted call has an outcome in the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Connection
from benchmarks.server import Server

OUT = Path(__file__).parent / "SOAK.md"
PLOT = Path(__file__).parent / "soak.svg"
_EVERY_S = 5.0
_TTL_S = 45
_WARM = 1 / 4
"""The part of the time after which nothing may grow: until then caches fill and results reach their age."""


@dataclass
class Seen:
    """What the callers did, and samples of (seconds, resident bytes, descriptors, median latency of a call)."""

    calls: int = 0
    refused: int = 0
    cut: int = 0
    cancelled: int = 0
    samples: list[tuple[float, int, int, float]] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    open_ids: list[str] = field(default_factory=list)
    """Of calls whose result nobody has read yet."""


async def call(port: int, seen: Seen) -> None:
    """Whole calls on a kept connection."""
    connection = await Connection.open(port)
    for _ in range(200):
        begun = time.perf_counter()
        await connection.call("echo", "Hello there, how are you today?")
        seen.late.append(time.perf_counter() - begun)
        seen.calls += 1
        await asyncio.sleep(0.005)
    connection.close()


async def stream(port: int, seen: Seen) -> None:
    """A generator read to its end."""
    connection = await Connection.open(port)
    await connection.call("tokens", random.randint(20, 200))
    connection.close()
    seen.calls += 1


async def vanish(port: int, seen: Seen) -> None:
    """A stream that is left in the middle."""
    connection = await Connection.open(port)
    event_id = await connection.submit("tokens", 100)
    seen.open_ids.append(event_id)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /gradio_api/call/tokens/{event_id}?events=all HTTP/1.1\r\nHost: b\r\n\r\n".encode())
    await reader.read(200)
    await asyncio.sleep(random.random() / 2)
    writer.transport.abort()
    connection.close()
    seen.cut += 1


async def unread(port: int, seen: Seen) -> None:
    """Results that nobody reads."""
    connection = await Connection.open(port)
    for _ in range(20):
        await connection.submit("large", 20_000)
        seen.calls += 1
        await asyncio.sleep(0.01)
    connection.close()


async def cancel(port: int, seen: Seen) -> None:
    """Calls that are ended while they wait or run."""
    connection = await Connection.open(port)
    ids = [await connection.submit("hold", 0.3) for _ in range(5)]
    for event_id in ids:
        await asyncio.sleep(random.random() / 5)
        body = json.dumps({"session_hash": event_id, "fn_index": 0, "event_id": event_id}).encode()
        await connection.post("/gradio_api/cancel", body)
        seen.cancelled += 1
    connection.close()


async def dawdle(port: int, _: Seen) -> None:
    """Half a request, then nothing; and one that is none."""
    for data in (b"POST /gradio_api/call/echo HTTP/1.1\r\nHo", b"\x16\x03\x01 not HTTP\r\n\r\n"):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        await asyncio.sleep(2)
        writer.transport.abort()


async def wrong(port: int, seen: Seen) -> None:
    """Requests that are refused."""
    for path, body in (("call/nothing", b"{}"), ("call/echo", b'{"data": [1, 2, 3]}'), ("call/echo", b"{not json")):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST /gradio_api/{path} HTTP/1.1\r\nHost: b\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        assert b" 4" in (await reader.read())[:14]
        writer.close()
        seen.refused += 1


CALLERS = {call: 8, stream: 12, vanish: 6, unread: 3, cancel: 2, dawdle: 4, wrong: 1}


def descriptors(server: Server) -> int:
    return sum(1 for _ in Path(f"/proc/{server.process.pid}/fd").iterdir())


async def soak(seconds: float) -> Seen:
    seen = Seen()
    bounds = {
        "SPACEPORT_OUTCOME_TTL_S": str(_TTL_S),
        "SPACEPORT_OUTCOMES_BYTES": str(64 << 20),
        "SPACEPORT_HEAD_TIMEOUT_S": "5",
    }
    async with Server("ours", **bounds) as server:
        begun = time.monotonic()

        async def again(caller: object) -> None:
            while time.monotonic() - begun < seconds:
                await caller(server.port, seen)  # type: ignore[operator]
                await asyncio.sleep(random.random() / 10)

        async def sample() -> None:
            while (at := time.monotonic() - begun) < seconds:
                await asyncio.sleep(_EVERY_S)
                late, seen.late = seen.late, []
                found = statistics.median(late) if late else 0.0
                seen.samples.append((at + _EVERY_S, server.memory(), descriptors(server), found))
                print(f"{at + _EVERY_S:.0f} s: {seen.samples[-1][1] / 1e6:.1f} MB, {seen.samples[-1][2]}", flush=True)

        await asyncio.gather(sample(), *(again(caller) for caller, count in CALLERS.items() for _ in range(count)))
        await _all_ended(server, seen)
    return seen


async def _all_ended(server: Server, seen: Seen) -> None:
    """Every call that somebody left has an outcome, as far as it is kept; raises `RuntimeError` else."""
    deadline = time.monotonic() + 30
    connection = await Connection.open(server.port)
    for job_id in seen.open_ids[-100:]:
        state = "queued"
        while state in ("queued", "running"):
            with contextlib.suppress(ConnectionError):
                state = json.loads(await connection.get(f"/gradio_api/jobs/{job_id}"))["state"]
                continue
            connection = await Connection.open(server.port)  # 404: it has expired
            break
        if time.monotonic() > deadline:
            raise RuntimeError(f"{job_id} never ended")
    connection.close()


def growth(seen: Seen, column: int) -> float:
    """The last quarter against the second, as a ratio of medians."""
    settled = [sample[column] for sample in seen.samples[int(len(seen.samples) * _WARM) :]]
    part = max(1, len(settled) // 3)
    return statistics.median(settled[-part:]) / statistics.median(settled[:part])


def draw(seen: Seen) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "soak"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, 1, sharex=True, figsize=(8, 6))
    columns = (("memory, MB", 1, 1e-6), ("descriptors", 2, 1), ("p50 of a call, ms", 3, 1000))
    for axis, (label, column, scale) in zip(axes, columns, strict=True):
        axis.plot([one[0] for one in seen.samples], [one[column] * scale for one in seen.samples])
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None})


def page(seen: Seen, seconds: float) -> str:
    last = seen.samples[-1]
    return "\n".join(
        [
            "# Soak",
            "",
            "Made by `make soak`; edit `benchmarks/`, not this page.",
            "",
            f"{seconds / 60:.0f} minutes of one server ({os.cpu_count()} cores shared with its callers, "
            f"{platform.machine()}, Python {platform.python_version()}) under {sum(CALLERS.values())} callers at once: "
            "whole calls, streams,",
            "streams left in the middle, results nobody reads, cancels, half requests, wrong requests. Results live "
            f"{_TTL_S} s.",
            f"{seen.calls:,} calls, {seen.cut:,} streams cut, {seen.cancelled:,} cancels, {seen.refused:,} refusals; "
            "every call that was looked at in the end had its outcome.",
            "",
            "| | at the end | last quarter ÷ second quarter |",
            "|---|---|---|",
            f"| resident memory | {last[1] / 1e6:.0f} MB | {growth(seen, 1):.2f} |",
            f"| descriptors | {last[2]} | {growth(seen, 2):.2f} |",
            f"| p50 of a call | {last[3] * 1000:.1f} ms | {growth(seen, 3):.2f} |",
            "",
            "![memory, descriptors and latency](soak.svg)",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    seen = asyncio.run(soak(options.seconds))
    text = page(seen, options.seconds)
    print(text)
    if growth(seen, 1) > 1.1 or growth(seen, 2) > 1.25:
        sys.exit("It grows.")
    OUT.write_text(text)
    draw(seen)


if __name__ == "__main__":
    main()
