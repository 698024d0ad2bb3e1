"""`python -m benchmarks.files`: large and many files, ours and two bare Starlette handlers; writes FILES.md."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.server import ROOT
from spaceport.client.dedupe import find_uploaded
from spaceport.client.http import Http
from spaceport.client.network import Settings

OUT = Path(__file__).parent / "FILES.md"
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Server:
    """`kind` is "ours" or "bare"; use with `with`."""

    def __init__(self, kind: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="spaceport-bench-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        app = str(Path(__file__).parent / "apps" / "ours.py")
        options = ["--port", str(port)]
        command = ["-m", "spaceport.cli.main", "run", app, "--data-dir", self.folder]
        if kind == "bare":
            command = ["-m", "uvicorn", "benchmarks.apps.bare_files:app", "--no-access-log", "--loop", "uvloop"]
        environment = {**os.environ, "TMPDIR": self.folder, "SPACEPORT_FILES_BYTES_PER_CALLER": str(50 << 30)}
        self.process = subprocess.Popen(
            [sys.executable, *command, *options], cwd=ROOT, stderr=subprocess.DEVNULL, env=environment
        )
        for _ in range(200):
            if subprocess.run(["curl", "-s", "-o", "/dev/null", f"{self.url}/"], check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{kind} did not start")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def memory(self) -> int:
        """The most that was ever resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def upload(self, *paths: Path) -> list[str]:
        parts = [part for path in paths for part in ("-F", f"files=@{path}")]
        done = subprocess.run(
            ["curl", "-s", *parts, f"{self.url}/gradio_api/upload"], capture_output=True, text=True, check=True
        )
        found: list[str] = json.loads(done.stdout)
        return found


def measure(kind: str, large: Path, small: int) -> dict[str, float]:
    """One round: seconds, and bytes of memory beyond what the server had."""
    found: dict[str, float] = {}
    with Server(kind) as server:
        before = server.memory()
        begun = time.monotonic()
        (path,) = server.upload(large)
        found["up"] = time.monotonic() - begun
        way = f"gradio_api/file={path}" if kind == "ours" else f"file?path={path}"
        begun = time.monotonic()
        subprocess.run(["curl", "-s", "-o", "/dev/null", f"{server.url}/{way}"], check=True)
        found["down"] = time.monotonic() - begun
        found["memory"] = server.memory() - before
        if kind == "ours":
            begun = time.monotonic()
            server.upload(large)
            found["again"] = time.monotonic() - begun
            begun = time.monotonic()
            with large.open("rb") as file:
                digest = hashlib.sha256()
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
            found["hash"] = time.monotonic() - begun
            begun = time.monotonic()
            assert asyncio.run(known(server.url, large)) == path
            found["known"] = time.monotonic() - begun
            server.upload(large.parent / "0")
            open_before, took = server.descriptors(), []
            for first in range(0, small, 100):
                begun = time.monotonic()
                server.upload(*(large.parent / str(number) for number in range(first, first + 100)))
                took.append(time.monotonic() - begun)
            tenth = max(1, len(took) // 10)
            found["first"], found["last"] = statistics.median(took[:tenth]), statistics.median(took[-tenth:])
            found["descriptors"] = server.descriptors() - open_before
    return found


async def known(url: str, path: Path) -> str | None:
    """What the Python client does with a file that the server may have."""
    http = Http(f"{url}/", Settings(), {})
    try:
        return await find_uploaded(http, "gradio_api/", path, path.stat().st_size)
    finally:
        await http.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.files", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=1 << 30, help="bytes of the large file")
    parser.add_argument("--small", type=int, default=10_000, help="how many small files")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="spaceport-bench-"))
    try:
        large = folder / "large.bin"
        with large.open("wb") as file:
            for _ in range(arguments.size >> 20):
                file.write(os.urandom(1 << 20))
        for number in range(arguments.small):
            (folder / str(number)).write_bytes(os.urandom(1000))
        rounds: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
        for _ in range(arguments.rounds):
            for kind, found in rounds.items():
                found.append(measure(kind, large, arguments.small))
                print(kind, {name: round(value, 3) for name, value in found[-1].items()}, flush=True)
    finally:
        shutil.rmtree(folder)
    text = page({kind: median(found) for kind, found in rounds.items()}, arguments.size, arguments.rounds)
    print(text)
    OUT.write_text(text)


def median(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def page(found: dict[str, dict[str, float]], size: int, rounds: int) -> str:
    ours, bare = found["ours"], found["bare"]

    def rate(name: str) -> str:
        mine, other = size / ours[name] / 1e6, size / bare[name] / 1e6
        return f"{mine:.0f} MB/s | {other:.0f} MB/s | {mine / other:.2f} × |"

    return "\n".join(
        [
            "# Files",
            "",
            "Made by `make bench`; edit `benchmarks/`, not this page.",
            "",
            f"One run of {rounds} rounds, servers taking turns, medians; curl and server share {os.cpu_count()} cores",
            f"({platform.machine()}). A file of {size >> 20} MiB; bare is Starlette's `request.form()`, copied to",
            "where it stays, and its `FileResponse`.",
            "",
            "| | goal | ours | bare | ours ÷ bare |",
            "|---|---|---|---|---|",
            f"| upload | ≥ 0.8 × | {rate('up')}",
            f"| download | ≥ 0.8 × | {rate('down')}",
            f"| memory for both | ≤ 32 MB | {ours['memory'] / 1e6:.1f} MB | {bare['memory'] / 1e6:.1f} MB | |",
            f"| the same upload again | | {size / ours['again'] / 1e6:.0f} MB/s | | |",
            f"| known content, Python client | the time of hashing | {ours['known'] / ours['hash']:.2f} × the time of "
            f"hashing ({size / ours['known'] / 1e6:.0f} MB/s) | | |",
            f"| 100 small files, last ÷ first of 10,000 | about 1 | {ours['last'] / ours['first']:.2f} "
            f"({ours['last'] * 1000:.0f} ms) | | |",
            f"| open descriptors after them | 0 more | {ours['descriptors']:+.0f} | | |",
            "",
        ]
    )


if __name__ == "__main__":
    main()
