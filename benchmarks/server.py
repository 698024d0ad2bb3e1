"""Servers under test: each in a process of its own, with what the kernel says about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.client import Connection

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parent.parent
GRADIO = ROOT / ".peers" / "gradio" / "bin" / "python"
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Server:
    """`kind` is "ours", "bare" or "gradio". Use with `async with`: it is ready inside, and gone after."""

    def __init__(self, kind: str, **environment: str) -> None:
        self.kind = kind
        self.environment = environment
        self.folder = tempfile.mkdtemp(prefix="spaceport-bench-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def _command(self) -> list[str]:
        port = str(self.port)
        if self.kind == "ours":
            app = str(APPS / "ours.py")
            return [sys.executable, "-m", "spaceport.cli.main", "run", app, "--port", port, "--data-dir", self.folder]
        if self.kind == "bare":
            options = ["--port", port, "--log-level", "warning", "--no-access-log", "--loop", "uvloop"]
            return [sys.executable, "-m", "uvicorn", "benchmarks.apps.bare:app", *options]
        return [str(GRADIO), str(APPS / "gradio_app.py"), port]

    async def __aenter__(self) -> Server:
        await self._start()
        return self

    async def again(self) -> None:
        """Kill it and start it on the same data."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        await self._start()

    async def _start(self) -> None:
        quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self._command(),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **quiet, **self.environment},
        )
        await self._ready()

    async def _ready(self) -> None:
        """Returns after a first whole call; `first_answer_s` is how long that took from the start of the process."""
        while True:
            if self.process.poll() is not None or time.monotonic() - self.started > 120:
                raise RuntimeError(f"{self.kind} did not start")
            try:
                connection = await Connection.open(self.port)
                await asyncio.wait_for(connection.call("echo", "first"), 20)
                break
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.01)
        self.first_answer_s = time.monotonic() - self.started
        connection.close()

    async def __aexit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * _PAGE
