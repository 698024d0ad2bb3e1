"""`python -m benchmarks.clients`: our Python client and gradio_client against the same servers; writes CLIENTS.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
from pathlib import Path

from benchmarks.server import GRADIO, ROOT, Server

OUT = Path(__file__).parent / "CLIENTS.md"
CALLER = Path(__file__).parent / "caller.py"
PEER = ROOT / ".peers" / "pinned" / "bin" / "python"
Figures = dict[str, float]


async def call(python: str, module: str, server: Server) -> Figures:
    """One round of one client in a fresh process."""
    quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    process = await asyncio.create_subprocess_exec(
        python,
        str(CALLER),
        module,
        f"http://127.0.0.1:{server.port}/",
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **quiet},
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{module} failed against {server.kind}")
    figures: Figures = json.loads(out.splitlines()[-1])
    return figures


async def measure(rounds: int) -> dict[tuple[str, str], Figures]:
    """Medians by (server, client)."""
    found: dict[tuple[str, str], list[Figures]] = {}
    async with Server("ours") as ours, Server("gradio") as gradio:
        for _ in range(rounds):
            for server in (ours, gradio):
                for python, module in ((sys.executable, "spaceport"), (str(PEER), "gradio_client")):
                    figures = await call(python, module, server)
                    found.setdefault((server.kind, module), []).append(figures)
                    print(server.kind, module, {name: round(value, 4) for name, value in figures.items()}, flush=True)
    return {
        who: {name: statistics.median(one[name] for one in all_rounds) for name in all_rounds[0]}
        for who, all_rounds in found.items()
    }


def ms(value: float) -> str:
    return f"{value * 1000:.1f} ms"


ROWS = [
    ("`from … import Client`, time", "≤ 0.25 ×", "import", ms),
    ("`from … import Client`, memory", "≤ 0.25 ×", "import memory", lambda value: f"{value / 1e6:.1f} MB"),
    ("import and first connect", "", "ready", ms),
    ("connect", "≤ 0.2 ×", "connect", ms),
    ("predict", "≤ 0.1 × (Gradio: 0.2)", "predict", ms),
    ("50 jobs at once", "≤ 0.2 ×", "50 jobs", ms),
    ("the same, CPU of the caller", "", "50 jobs cpu", ms),
    ("the same, threads", "≤ 3", "threads", lambda value: f"{value:.0f}"),
    ("a streamed value, from `yield` to the caller", "≤ 5 ms", "streamed", ms),
]


def page(found: dict[tuple[str, str], Figures], rounds: int) -> str:
    lines = [
        "# The Python client",
        "",
        "Made by `make bench`; edit `benchmarks/`, not this page.",
        "",
        f"One run of {rounds} rounds, clients taking turns, each round in a fresh process, medians. Clients and",
        f"servers share {os.cpu_count()} cores ({platform.machine()}, Python {platform.python_version()}, "
        "gradio_client 2.7.2, Gradio 6.31.0).",
        "Ratios are ours ÷ gradio_client.",
        "",
        "| | goal | our server: ours | gradio_client | ratio | Gradio: ours | gradio_client | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for what, goal, name, show in ROWS:
        cells = [what, goal]
        for server in ("ours", "gradio"):
            ours, peer = found[server, "spaceport"][name], found[server, "gradio_client"][name]
            cells += [show(ours), show(peer), f"{ours / peer:.2f} ×" if peer else ""]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "Memory is what the import adds to a bare interpreter. Our import loads almost nothing: asyncio and the",
        "transport come with the first connect; \"import and first connect\" is the whole price of a first client.",
        "Fifty jobs at once on Gradio take what its server takes for them; the caller's CPU shows the client's part.",
        "A streamed value includes the server's work, from `yield` on.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clients", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if not (GRADIO.exists() and PEER.exists()):
        sys.exit("Run `make peers .peers/gradio/.done` first.")
    text = page(asyncio.run(measure(rounds)), rounds)
    print(text)
    OUT.write_text(text)


if __name__ == "__main__":
    main()
