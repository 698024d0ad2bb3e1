"""`python -m benchmarks.hub`: calls through the hub and straight to the same apps, in one run; writes HUB.md."""

from __future__ import annotations

import argparse
import asyncio
import base64
import dataclasses
import json
import os
import platform
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import httpx

from benchmarks import load, neighbours
from benchmarks.client import Connection
from benchmarks.load import cpu_s
from benchmarks.server import APPS, GRADIO, ROOT, Server

OUT = Path(__file__).parent / "HUB.md"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TOKENS = 3000
_GAP_S = 0.003
_FILES = {"ours": "ours.py", "gradio": "gradio_app.py", "busy": "ours.py"}
_WAITING = 20_000
_LOAD_S = 5.0
_SETTLE_S = 2.0
"""After a neighbour has gone its streams end."""
_NO_LIMITS = {"SPACEPORT_QUEUE_MAX": "200000", "SPACEPORT_QUEUE_MAX_PER_CALLER": "200000"}
READMES = {
    "ours": "---\ntags: [spaceport]\n---\n",
    "busy": "---\ntags: [spaceport]\n---\n",
    "gradio": "---\nsdk: gradio\nsdk_version: 6.31.0\n---\n",
}


class Hub:
    """A hub in a process of its own, with apps and `spaces` more that nobody calls. Use with `with`."""

    def __init__(self, spaces: int, kinds: Collection[str] = tuple(READMES), **environment: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="spaceport-bench-")
        self.environment = environment
        self.port, self.apps = 0, 0
        self.start()
        for kind in kinds:
            self.deploy(kind, READMES[kind], (APPS / _FILES[kind]).read_bytes())
        for number in range(spaces):
            self.deploy(f"idle{number}", READMES["ours"], b"")

    def start(self) -> float:
        """Seconds until it answers."""
        begun = time.monotonic()
        options = ["--port", str(self.port), "--apps-port", str(self.apps), "--data-dir", self.folder]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "spaceport.cli.main", "hub", *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **_NO_LIMITS, **self.environment},
        )
        assert self.process.stdout is not None
        text = ""
        while "Its Spaces are at" not in text:
            text += self.process.stdout.readline()
        if token := re.search(r"hf_\w+", text):
            self.token = token[0]
        self.port, self.apps = (int(found) for found in re.findall(r"at http://127\.0\.0\.1:(\d+)", text)[:2])
        while not self.answers():
            time.sleep(0.005)
        return time.monotonic() - begun

    def answers(self) -> bool:
        try:
            return self.http().get("/api/whoami-v2").status_code == 200
        except httpx.HTTPError:
            return False

    def http(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60)

    def deploy(self, name: str, readme: str, app: bytes) -> None:
        files = {"README.md": readme.encode(), "app.py": app}
        lines = [{"key": "header", "value": {"summary": "x"}}]
        for path, data in files.items():
            content = base64.b64encode(data).decode()
            lines.append({"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}})
        with self.http() as http:
            http.post("/api/repos/create", json={"name": name, "type": "space"}).raise_for_status()
            if not app:  # else the commit starts it
                http.post(f"/api/spaces/admin/{name}/pause").raise_for_status()
            body = "\n".join(map(json.dumps, lines))
            http.post(f"/api/spaces/admin/{name}/commit/main", content=body).raise_for_status()

    def put_to_sleep(self, name: str) -> None:
        address = f"/api/spaces/admin/{name}"
        with self.http() as http:
            http.post(f"{address}/sleeptime", json={"seconds": 0.1}).raise_for_status()
            while http.get(f"{address}/runtime").json()["stage"] != "SLEEPING":
                time.sleep(0.05)
            http.post(f"{address}/sleeptime", json={"seconds": 3600}).raise_for_status()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


async def p50(port: int, prefix: str, calls: int, gap_s: float = 0.0) -> float:
    """Seconds of a whole two-step call on a kept connection; before each a pause of up to `gap_s`.

    Gradio looks at its queue every few ms: calls without pauses fall into step with that, and how depends on everything
    on their way.
    """
    connection = await Connection.open(port)
    connection.prefix = prefix
    took = []
    for number in range(calls):
        if gap_s:
            await asyncio.sleep(random.uniform(0, gap_s))
        begun = time.perf_counter()
        await connection.call("echo", f"{number}")
        took.append(time.perf_counter() - begun)
    connection.close()
    return statistics.median(took)


async def rate(port: int, prefix: str) -> float:
    """Streamed values a second."""
    connection = await Connection.open(port)
    connection.prefix = prefix
    begun = time.perf_counter()
    await connection.call("burst", _TOKENS)
    connection.close()
    return _TOKENS / (time.perf_counter() - begun)


async def awake(hub: Hub) -> float:
    """Seconds from a call to a Space of ours that sleeps to its result."""
    hub.put_to_sleep("ours")
    connection = await Connection.open(hub.apps)
    connection.prefix = "/admin/ours"
    begun = time.perf_counter()
    await connection.call("echo", "wake up")
    connection.close()
    return time.perf_counter() - begun


async def idle(pid: int, seconds: float) -> float:
    """Percent of a core."""
    before = cpu_s(pid)
    await asyncio.sleep(seconds)
    return (cpu_s(pid) - before) / seconds * 100


async def measure(rounds: int, spaces: int, idle_s: float) -> dict[str, float]:
    """Medians over the rounds."""
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)
        print(f"{name}: {value:.5g}", flush=True)

    async with Server("bare") as bare:
        note("bare idle", await idle(bare.process.pid, idle_s))
    with Hub(spaces) as hub:
        for name in READMES:
            hub.put_to_sleep(name)
        hub.kill()
        note("restart", hub.start())
        await asyncio.sleep(2)
        note("idle memory", memory(hub.process.pid))
        note("idle", await idle(hub.process.pid, idle_s))
        async with Server("ours") as ours, Server("gradio") as gradio, Server("ours", **_NO_LIMITS) as busy:
            places = {
                "hub": (hub.apps, "/admin/ours", hub.apps, "/admin/busy"),
                "direct": (ours.port, "", busy.port, ""),
            }
            for name in READMES:
                await p50(hub.apps, f"/admin/{name}", 1)
            for _ in range(rounds):
                note("ours direct", await p50(ours.port, "", 300))
                note("ours hub", await p50(hub.apps, "/admin/ours", 300))
                note("gradio direct", await p50(gradio.port, "", 100, _GAP_S))
                note("gradio hub", await p50(hub.apps, "/admin/gradio", 100, _GAP_S))
                note("rate direct", await rate(ours.port, ""))
                note("rate hub", await rate(hub.apps, "/admin/ours"))
                note("awake", await awake(hub))
                await p50(hub.apps, "/admin/ours", 50)
                for name, direct, clients in (("ours", ours, 50), ("ours", ours, 200), ("gradio", gradio, 50)):
                    alone = await load.echo(direct.port, "", direct.process.pid, clients, _LOAD_S)
                    through = await load.echo(hub.apps, f"/admin/{name}", hub.process.pid, clients, _LOAD_S)
                    for where, one in (("direct", alone), ("hub", through)):
                        for field in dataclasses.fields(one):
                            note(f"{name} {clients} {where} {field.name}", getattr(one, field.name))
                note("tokens direct", await load.tokens(ours.port, ""))
                note("tokens hub", await load.tokens(hub.apps, "/admin/ours"))
                for where, (port, prefix, busy_port, busy_prefix) in places.items():
                    note(f"quiet p99 {where}", await load.p99(port, prefix))
                    for kind in ("large-results", "uploads", "streams"):
                        async with neighbours.busy(kind, busy_port, busy_prefix):
                            note(f"beside {kind} p99 {where}", await load.p99(port, prefix))
                        await asyncio.sleep(_SETTLE_S)
            for where, (port, prefix, busy_port, busy_prefix) in places.items():
                async with load.waiting_calls(busy_port, busy_prefix, _WAITING):
                    for _ in range(rounds):
                        note(f"beside waiting calls p99 {where}", await load.p99(port, prefix))
        note("memory", memory(hub.process.pid))
    return {name: statistics.median(values) for name, values in found.items()}


def page(f: dict[str, float], rounds: int, spaces: int) -> str:
    def ms(value: float) -> str:
        return f"{value * 1000:.2f} ms"

    rows = [
        ("a call of a Space of ours, p50", "≤ 1.8 ×", ms(f["ours hub"]), ms(f["ours direct"]), "ours"),
        ("a call of a real Gradio app, p50", "≤ 1.2 ×", ms(f["gradio hub"]), ms(f["gradio direct"]), "gradio"),
    ]
    lines = [
        "# The hub",
        "",
        "Made by `make bench`; edit `benchmarks/`, not this page.",
        "",
        f"One run of {rounds} rounds, medians; hub, apps and caller share {os.cpu_count()} cores "
        f"({platform.machine()}, Python {platform.python_version()}, Gradio 6.31.0).",
        "A call is both steps on one kept connection, its result included; before those of Gradio up to 3 ms pass,",
        "because calls without pauses fall into step with its queue, which looks around every few ms.",
        f"{spaces} more Spaces are registered and do not run.",
        "",
        "| | goal | through the hub | direct | ratio |",
        "|---|---|---|---|---|",
    ]
    for what, goal, through, direct, name in rows:
        ratio = f[f"{name} hub"] / f[f"{name} direct"]
        lines.append(f"| {what} | {goal} | {through} | {direct} | {ratio:.2f} × |")
    lines += load_rows(f)
    share = f["rate hub"] / f["rate direct"]
    lines += [
        f"| streamed values a second | ≥ 0.7 × | {f['rate hub']:.0f} | {f['rate direct']:.0f} | {share:.2f} × |",
        *neighbour_rows(f),
        "",
        "| | goal | |",
        "|---|---|---|",
        f"| a sleeping Space of ours, from a call to its result | ≤ 1.5 s | {f['awake']:.2f} s |",
        f"| the hub, from `kill -9` and start to an answer | ≤ 2 s | {f['restart']:.2f} s |",
        f"| an idle hub: memory | ≤ 120 MB | {f['idle memory'] / 1e6:.0f} MB |",
        f"| an idle hub: CPU | ≤ bare + 0.3 points | {f['idle']:.2f} % (bare {f['bare idle']:.2f} %) |",
        f"| the hub after the calls: memory | | {f['memory'] / 1e6:.0f} MB |",
        "",
    ]
    return "\n".join(lines)


def load_rows(f: dict[str, float]) -> list[str]:
    """Rows of the first table for many callers."""
    rows = []
    for name, clients, goal in (("ours", 50, "≥ 0.6 ×"), ("ours", 200, "≥ 0.6 ×"), ("gradio", 50, "≥ 0.95 ×")):
        what = "a Space of ours" if name == "ours" else "a real Gradio app"
        key = f"{name} {clients}"
        through, direct = f[f"{key} hub rate"], f[f"{key} direct rate"]
        rows.append(
            f"| {what}, {clients} callers, calls a second | {goal} | {through:.0f} | {direct:.0f} "
            f"| {through / direct:.2f} × |"
        )
        late, alone = f[f"{key} hub p99_s"], f[f"{key} direct p99_s"]
        goal = "≤ 2 ×" if key == "ours 50" else ""
        rows.append(f"| the same, p99 | {goal} | {late * 1e3:.0f} ms | {alone * 1e3:.0f} ms | {late / alone:.2f} × |")
        hub, replica, app = (f[f"{key} {one}_s"] * 1e3 for one in ("hub server", "hub replica", "direct server"))
        rows.append(f"| the same, CPU a call | | hub {hub:.2f} ms, replica {replica:.2f} ms | {app:.2f} ms | |")
    tokens, alone = f["tokens hub"], f["tokens direct"]
    rows.append(
        f"| 200 tokens at 100/s to 50 callers | ≤ 1.05 × | {tokens:.2f} s | {alone:.2f} s | {tokens / alone:.2f} × |"
    )
    return rows


def neighbour_rows(f: dict[str, float]) -> list[str]:
    """A table: one caller beside another Space's load, in the hub and where each Space is a server of its own."""
    rows = [
        "",
        "| p99 of one caller while another Space | goal | through the hub | of alone | two servers | of alone |",
        "|---|---|---|---|---|---|",
    ]
    for name, what in (
        ("waiting calls", f"has {_WAITING:,} waiting calls"),
        ("large-results", "sends 10 MB results to four callers"),
        ("uploads", "gets files of 50 MB from two callers"),
        ("streams", f"has {neighbours.STREAMS:,} streams with two values a second"),
    ):
        cells = []
        for where in ("hub", "direct"):
            late, quiet = f[f"beside {name} p99 {where}"], f[f"quiet p99 {where}"]
            cells += [f"{late * 1e3:.1f} ms", f"{late / quiet:.2f} ×"]
        rows.append(f"| {what} | ≤ 1.3 × | {' | '.join(cells)} |")
    rows.append(f"| does nothing | | {f['quiet p99 hub'] * 1e3:.1f} ms | | {f['quiet p99 direct'] * 1e3:.1f} ms | |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--spaces", type=int, default=500)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds to look at an idle hub")
    options = parser.parse_args()
    if not GRADIO.exists():
        sys.exit("Run `make .peers/gradio/.done` first.")
    found = asyncio.run(measure(options.rounds, options.spaces, options.idle))
    text = page(found, options.rounds, options.spaces)
    print(text)
    OUT.write_text(text)


if __name__ == "__main__":
    main()
