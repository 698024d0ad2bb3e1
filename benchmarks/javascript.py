"""`python -m benchmarks.javascript`: our JavaScript client against @gradio/client on the same servers; writes
JAVASCRIPT.md."""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import platform
import statistics
import subprocess
from pathlib import Path

from benchmarks.server import APPS, GRADIO, ROOT, Server

OUT = Path(__file__).parent / "JAVASCRIPT.md"
DIST = ROOT / "js" / "client" / "dist"
PEER = ROOT / ".peers" / "js" / "node_modules" / "@gradio" / "client" / "dist"
MODULES = {"ours": DIST / "client.min.js", "peer": PEER / "index.js"}
GOALS = {
    "import": "≤ 0.45",
    "connect": "",
    "predict": "",
    "50 calls": "≤ 0.7 on ours",
    "stream cpu": "≤ 0.5 on ours",
}
NAMES = {
    "import": "import",
    "connect": "connect",
    "predict": "one call, p50 of 300",
    "50 calls": "50 calls at once",
    "stream cpu": "10,000 small messages of a stream, CPU of the caller",
}
Figures = dict[str, float]


def one(who: str, port: int) -> Figures:
    command = ["node", str(APPS / "caller.mjs"), MODULES[who].as_uri(), f"http://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


async def measure(rounds: int) -> dict[tuple[str, str], Figures]:
    """Medians by server and client, which take turns."""
    found: dict[tuple[str, str], list[Figures]] = {}
    for kind in ("ours", "gradio"):
        async with Server(kind) as server:
            for _ in range(rounds):
                for who in MODULES:
                    figures = await asyncio.to_thread(one, who, server.port)
                    found.setdefault((kind, who), []).append(figures)
                    print(kind, who, {key: round(value, 2) for key, value in figures.items()}, flush=True)
    return {
        key: {name: statistics.median(figures[name] for figures in several) for name in several[0]}
        for key, several in found.items()
    }


def page(found: dict[tuple[str, str], Figures], rounds: int) -> str:
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in (DIST / "client.min.js", PEER / "index.min.js")]
    lines = [
        "# The JavaScript client",
        "",
        "Made by `make bench`; edit `benchmarks/`, not this page.",
        "",
        f"One run of {rounds} rounds, clients taking turns, medians, in ms; {os.cpu_count()} cores "
        f"({platform.machine()}).",
        "Each cell: ours, @gradio/client, and ours ÷ it.",
        "",
        "| | goal | on a server of ours | on Gradio 6.31 |",
        "|---|---|---|---|",
    ]
    for row, goal in GOALS.items():
        cells = []
        for kind in ("ours", "gradio"):
            ours, peer = found[kind, "ours"][row], found[kind, "peer"][row]
            cells.append(f"{ours:.1f}, {peer:.1f}: {ours / peer:.2f} ×")
        lines.append(f"| {NAMES[row]} | {goal} | {cells[0]} | {cells[1]} |")
    beside, fetch = found["ours", "ours"]["beside"], found["ours", "ours"]["fetch"]
    lines += [
        f"| one call, and the bare `fetch` of its request in turn, p50 of 300 | ≤ 1.3 | {beside:.1f}, {fetch:.1f}: "
        f"{beside / fetch:.2f} × | |",
        f"| one file, gzip | ≤ 10.2 kB | {sizes[0] / 1000:.1f} kB, {sizes[1] / 1000:.1f} kB: "
        f"{sizes[0] / sizes[1]:.2f} × | |",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.javascript", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not GRADIO.exists():
        raise SystemExit("Run `make .peers/gradio/.done` first.")
    text = page(asyncio.run(measure(options.rounds)), options.rounds)
    print(text)
    OUT.write_text(text)


if __name__ == "__main__":
    main()
