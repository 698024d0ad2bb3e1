"""`python -m benchmarks` (or `make bench`): measure everything in one run and write benchmarks/README.md.

Servers take turns, so that what else the machine does falls on all of them; figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import uvloop

from benchmarks import rows
from benchmarks.server import GRADIO, Server

OUT = Path(__file__).parent / "README.md"
Round = dict[str, float]
Show = Callable[[float], str]
Better = Callable[[float, float], str]


async def measure(kind: str, *, short: bool) -> Round:
    """One round of one server."""
    seconds = 2 if short else 5
    found: Round = {}
    async with Server(kind) as server:
        found["start"] = server.first_answer_s
        found["idle"] = await rows.idle_cpu(server, 3 if short else 15)
        await rows.echo(server, 50, 1)
        many = await rows.echo(server, 50, seconds)
        found["rate"], found["cpu"] = many.rate, many.cpu_s
        found["p50"] = (await rows.echo(server, 1, seconds)).p50_s
        if kind != "gradio":
            crowd = await rows.echo(server, 200, seconds)
            found["crowd p50"], found["crowd p99"] = crowd.p50_s, crowd.p99_s
        found["tokens"] = await rows.tokens(server)
    if kind == "gradio":
        return found
    async with Server(kind) as server:
        found["stream"] = await rows.idle_streams(server, 1000 if short else 10_000)
    if kind == "ours":
        async with Server(kind) as server:
            found["unread"] = await rows.unread_results(server)
        async with Server(kind, SPACEPORT_QUEUE_MAX="200000", SPACEPORT_QUEUE_MAX_PER_CALLER="200000") as server:
            waiting = 5000 if short else 100_000
            found["submit empty"], found["submit full"] = await rows.waiting_submits(server, waiting, waiting // 20)
    return found


def table(median: Callable[[str, str], float], has_gradio: bool) -> list[str]:
    """The rows of the table: what, goal, figures of each, how it compares."""

    def row(
        what: str, goal: str, name: str, show: Callable[[float], str], better: Callable[[float, float], str]
    ) -> str:
        ours, bare = median("ours", name), median("bare", name)
        gradio = median("gradio", name) if has_gradio else None
        cells = [what, goal, show(ours), f"{show(bare)} ({better(ours, bare)})"]
        cells.append("" if gradio is None else f"{show(gradio)} ({better(ours, gradio)})")
        return "| " + " | ".join(cells) + " |"

    def times(ours: float, other: float) -> str:
        return f"{ours / other:.2f} ×"

    def ms(value: float) -> str:
        return f"{value * 1000:.2f} ms"

    ours = {name: median("ours", name) for name in ("crowd p50", "crowd p99", "unread", "submit empty", "submit full")}
    stream, bare_stream = median("ours", "stream"), median("bare", "stream")
    return [
        "| | goal | ours | bare pair (ours ÷ it) | Gradio (ours ÷ it) |",
        "|---|---|---|---|---|",
        row("echo, 50 clients, calls a second", "≥ 1 × bare, ≥ 20 × Gradio", "rate", lambda v: f"{v:.0f}", times),
        row("the same, server CPU a call", "≤ 2 × bare", "cpu", ms, times),
        row("echo, one client, p50", "≤ 1.3 × bare", "p50", ms, times),
        f"| echo, 200 clients, p99 ÷ p50 | ≤ 3 | {ours['crowd p99'] / ours['crowd p50']:.2f} "
        f"({ms(ours['crowd p99'])}) | {median('bare', 'crowd p99') / median('bare', 'crowd p50'):.2f} | |",
        row("200 tokens at 100/s to 50 clients", "≤ 1.05 × bare", "tokens", lambda v: f"{v:.2f} s", times),
        row("idle, CPU", "≤ bare + 0.2 points", "idle", lambda v: f"{v:.2f} %", lambda a, b: f"{a - b:+.2f} points"),
        f"| 1,500 unread 20 kB results, memory | ≤ 5 MB | {ours['unread'] / 1e6:.1f} MB | | |",
        f"| submit with 100,000 waiting, server CPU | ≤ 2 × empty | {ms(ours['submit full'])} "
        f"({ours['submit full'] / ours['submit empty']:.2f} × empty) | | |",
        f"| 10,000 idle streams, memory each | ≤ 1.5 × bare | {stream / 1000:.1f} kB | "
        f"{bare_stream / 1000:.1f} kB ({times(stream, bare_stream)}) | |",
        row("process start → first answer", "≤ 1 s", "start", lambda v: f"{v:.2f} s", times),
    ]


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="small loads, to see that everything runs; writes nothing")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kinds = ["bare", "ours"] + (["gradio"] if GRADIO.exists() else [])
    rounds: dict[str, list[Round]] = {kind: [] for kind in kinds}
    for number in range(1 if arguments.short else arguments.rounds):
        for kind in kinds:
            rounds[kind].append(await measure(kind, short=arguments.short))
            print(f"round {number + 1}, {kind}: {rounds[kind][-1]}", flush=True)

    def median(kind: str, name: str) -> float:
        return statistics.median(found[name] for found in rounds[kind])

    lines = table(median, "gradio" in kinds)
    print("\n".join(lines))
    if not arguments.short:
        OUT.write_text(page(lines, arguments.rounds))


def page(lines: list[str], rounds: int) -> str:
    gradio = "6.31.0" if GRADIO.exists() else "not installed"
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Made by `make bench`; edit `benchmarks/`, not this page.",
            "",
            f"One run of {rounds} rounds, servers taking turns, medians. Load generator and server share "
            f"{os.cpu_count()} cores ({platform.machine()}, Python {platform.python_version()}, "
            f"starlette {version('starlette')}, uvicorn {version('uvicorn')}, Gradio {gradio}).",
            "The bare pair is two Starlette handlers that do the same two steps by hand: no queue, nothing kept.",
            "Ours journals every call to SQLite (durability `process`). The load generator is a raw asyncio client, so",
            "that rates are higher than a client library would see; ratios in one run are what counts.",
            "",
            *lines,
            "",
            "More: [the queue, against huey and procrastinate](QUEUES.md) · [the hub](HUB.md) · [Python](CLIENTS.md)",
            "and [JavaScript](JAVASCRIPT.md) clients · [files](FILES.md) · [ten minutes of soak](SOAK.md):",
            "",
            "![memory, descriptors and latency over ten minutes](soak.svg)",
            "",
        ]
    )


if __name__ == "__main__":
    uvloop.run(main())
