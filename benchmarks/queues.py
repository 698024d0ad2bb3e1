"""`python -m benchmarks.queues`: what durability, fairness, recovery and foresight of the queue cost; writes QUEUES.md.

The engine alone is compared with two queues with a durable store on the same work; servers take turns with each other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import rows
from benchmarks.client import Connection
from benchmarks.postgres import postgres, programs
from benchmarks.server import APPS, ROOT, Server

OUT = Path(__file__).parent / "QUEUES.md"
PEERS = ROOT / ".peers" / "queues" / "bin" / "python"
_RUN_S = 0.1
_MANY = 1000
Figures = dict[str, float]


def alone(program: str, *arguments: str, python: str = sys.executable) -> Figures:
    """Figures of a queue in a process of its own."""
    command = [python, str(APPS / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


async def durability(kind: str) -> float:
    """Server CPU seconds a call, and its p50, with 50 clients."""
    async with Server("ours", SPACEPORT_DURABILITY=kind) as server:
        await rows.echo(server, 50, 1)
        return 1 / (await rows.echo(server, 50, 4)).rate


async def _jobs(connection: Connection, ids: list[str]) -> list[dict[str, Any]]:
    return [json.loads(await connection.get(f"/gradio_api/jobs/{job_id}")) for job_id in ids]


async def _submit(connection: Connection, endpoint: str, value: object, session: str) -> str:
    body = json.dumps({"data": [value], "session_hash": session}).encode()
    return str(json.loads(await connection.post(f"/gradio_api/call/{endpoint}", body))["event_id"])


async def fairness() -> float:
    """Run times that another caller's first job waits behind a caller with a thousand; the worst of ten."""
    async with Server("ours") as server:
        many, few = await Connection.open(server.port), await Connection.open(server.port)
        for _ in range(_MANY):
            await _submit(many, "hold", _RUN_S, "many")
        ids = []
        for number in range(10):
            await asyncio.sleep(3.3 * _RUN_S)
            ids.append(await _submit(few, "hold", _RUN_S, f"few{number}"))
        await asyncio.sleep(4 * _RUN_S)
        jobs = await _jobs(few, ids)
        many.close()
        few.close()
        return max(job["started_at"] - job["accepted_at"] for job in jobs) / _RUN_S


async def foresight() -> float:
    """Error of the ETA that 40 waiting calls of two callers were told when they joined, as a part of their wait."""
    async with Server("ours") as server:
        connection = await Connection.open(server.port)
        for _ in range(3):
            await connection.call("hold", _RUN_S)
        told: list[tuple[str, float, float]] = []
        for number in range(40):
            job_id = await _submit(connection, "hold", _RUN_S, f"caller{number % 2}")
            (job,) = await _jobs(connection, [job_id])
            if job.get("eta") is not None:
                told.append((job_id, time.time(), job["eta"]))
        await asyncio.sleep(42 * _RUN_S)
        ended = [job["finished_at"] for job in await _jobs(connection, [job_id for job_id, _, _ in told])]
        connection.close()
        return statistics.median(
            abs(eta - (end - at)) / (end - at) for (_, at, eta), end in zip(told, ended, strict=True)
        )


async def recovery(count: int) -> float:
    """Seconds from start to a first answer with `count` waiting calls in the journal, less those with none."""
    large = {"SPACEPORT_QUEUE_MAX": "200000", "SPACEPORT_QUEUE_MAX_PER_CALLER": "200000"}
    async with Server("ours", **large) as server:
        connections = [await Connection.open(server.port) for _ in range(50)]
        left = iter(range(count))

        async def work(connection: Connection) -> None:
            for _ in left:
                await connection.submit("hold", 3600)

        await asyncio.gather(*map(work, connections))
        for connection in connections:
            connection.close()
        empty = server.first_answer_s
        await server.again()
        return server.first_answer_s - empty


async def measure(rounds: int, count: int) -> dict[str, Figures]:
    found: dict[str, list[Figures]] = {}

    def note(name: str, figures: Figures) -> None:
        found.setdefault(name, []).append(figures)
        print(name, {key: round(value, 6) for key, value in figures.items()}, flush=True)

    for _ in range(rounds):
        for kind in ("process", "power"):
            note(f"ours {kind}", alone("queue_ours.py", "10000", kind))
            note(f"server {kind}", {"call": await durability(kind)})
        if PEERS.exists():
            note("huey", alone("queue_huey.py", "2000", python=str(PEERS)))
            if programs() is not None:
                with postgres() as dsn:
                    note("procrastinate", alone("queue_procrastinate.py", "1000", dsn, python=str(PEERS)))
        note("fairness", {"waits": await fairness()})
        note("foresight", {"error": await foresight()})
    note("recovery", {"s": await recovery(count)})
    return {
        name: {key: statistics.median(one[key] for one in figures) for key in figures[0]}
        for name, figures in found.items()
    }


def page(f: dict[str, Figures], rounds: int, count: int) -> str:
    ratio = f["server power"]["call"] / f["server process"]["call"]
    ours = f["ours process"]

    def row(name: str, what: str) -> str:
        one = f[name]

        def compared(key: str) -> str:
            return "" if name == "ours process" else f" ({ours[key] / one[key]:.2f} ×)"

        cells = [what, f"{one['in']:.0f}{compared('in')}", f"{one['out']:.0f}{compared('out')}"]
        cells += [f"{one['cpu'] * 1000:.2f} ms{compared('cpu')}", f"{one['late'] * 1000:.2f} ms{compared('late')}"]
        return "| " + " | ".join(cells) + " |"

    names = {
        "ours process": "ours, durability `process`",
        "ours power": "ours, durability `power`",
        "huey": "huey 3.5, SQLite",
        "procrastinate": "procrastinate 3.10, PostgreSQL 15",
    }
    lines = [
        "# The queue",
        "",
        "Made by `make bench`; edit `benchmarks/`, not this page.",
        "",
        f"One run of {rounds} rounds, medians; everything shares {os.cpu_count()} cores ({platform.machine()}, Python "
        f"{platform.python_version()}).",
        "",
        "| | goal | |",
        "|---|---|---|",
        f"| a call with durability `power`, 50 clients, time a call | ≤ 2 × `process` | {ratio:.2f} × |",
        f"| another caller's first job behind a caller with {_MANY:,}, worst of ten | ≤ 1 run time | "
        f"{f['fairness']['waits']:.2f} run times |",
        f"| recovery of {count:,} waiting calls | ≤ 3 s | {f['recovery']['s']:.2f} s |",
        f"| error of the ETA told to 40 waiting calls of two callers, median | | {f['foresight']['error']:.1%} |",
        "",
        "The engine alone, with its journal, and two queues on the same work: jobs that do nothing, entered by 50",
        "tasks (huey: one thread) before any runs, then run four at a time until their outcomes are stored; how late",
        "a job begins when nothing waits. The stores are as they come: huey's SQLite syncs as `process` does,",
        "PostgreSQL as `power`. procrastinate polls every 0.05 s beside its notifications, huey every 0.01 to 0.1 s.",
        "In parentheses: ours (`process`) ÷ it; its CPU is that of the Python process alone.",
        "",
        "| | entered a second | run a second | CPU a job | begins after |",
        "|---|---|---|---|---|",
        *(row(name, what) for name, what in names.items() if name in f),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queues", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, default=100_000, help="calls to recover")
    options = parser.parse_args()
    text = page(asyncio.run(measure(options.rounds, options.waiting)), options.rounds, options.waiting)
    print(text)
    OUT.write_text(text)


if __name__ == "__main__":
    main()
