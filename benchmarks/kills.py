"""`python -m benchmarks.kills` (or `make kills`): kill a hub and its replicas under load; every accepted call counts.

Callers submit calls without a pause while the hub or a replica is killed (`kill -9`), again and again. Then each call
that the hub accepted must have exactly one outcome, which its id can be read by, and no call may have run twice whose
caller did not allow it. Exits with 1 and says which calls did otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.hub import READMES, Hub
from benchmarks.server import APPS

_SPACE = "/admin/kills/gradio_api"
_RETRIES = 2
_END_S = 300.0
"""How long accepted calls may take to end after the last kill."""


@dataclass
class Call:
    number: str
    endpoint: str
    retries: int
    id: str
    outcome: str = ""


@dataclass
class Load:
    hub: Hub
    log: str
    calls: list[Call] = field(default_factory=list)
    refused: collections.Counter[int] = field(default_factory=collections.Counter)
    stopping: bool = False
    last: int = 0

    async def submit(self, http: httpx.AsyncClient) -> Call | None:
        self.last += 1
        number, endpoint = f"{self.last}", random.choice(("work", "quick"))
        retries = random.choice((0, 0, _RETRIES))
        seconds = random.choice((0.0, 0.005, 0.05))
        headers = {"spaceport-retries": f"{retries}"} if retries else {}
        data = {"data": [self.log, number, seconds]}
        answer = await http.post(f"{_SPACE}/call/{endpoint}", json=data, headers=headers)
        if answer.status_code != 200:
            self.refused[answer.status_code] += 1
            await asyncio.sleep(0.05)
            return None
        call = Call(number, endpoint, retries, answer.json()["event_id"])
        self.calls.append(call)
        return call

    async def work(self) -> None:
        """One caller: submits a call and reads its events, as long as there is load."""
        async with self.client() as http:
            while not self.stopping:
                try:
                    call = await self.submit(http)
                    if call is not None:
                        await http.get(f"{_SPACE}/call/{call.endpoint}/{call.id}")
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.hub.apps}", timeout=20)

    async def read_outcomes(self) -> list[str]:
        """Wait for the outcome of each accepted call; what is wrong."""
        wrong = []
        deadline = time.monotonic() + _END_S
        async with self.client() as http:
            for call in self.calls:
                while True:
                    job = (await http.get(f"{_SPACE}/jobs/{call.id}")).json()
                    if job.get("state") not in ("queued", "running") or time.monotonic() > deadline:
                        break
                    await asyncio.sleep(0.02)
                call.outcome = job.get("state", "missing")
                if call.outcome == "failed" and job["error"]["code"] != "interrupted":
                    wrong.append(f"{call}: {job['error']}")
                if call.outcome == "succeeded" and job["data"] != [call.number]:
                    wrong.append(f"{call}: it has the result {job['data']}")
                if call.outcome not in ("succeeded", "failed"):
                    wrong.append(f"{call}: it has no outcome")
        return wrong

    def count_runs(self) -> list[str]:
        """What is wrong with how often the calls ran."""
        wrong = []
        runs = collections.Counter(Path(self.log).read_text().split())
        for call in self.calls:
            if runs[call.number] > 1 + call.retries:
                wrong.append(f"{call}: it ran {runs[call.number]} times")
            if call.outcome == "succeeded" and not runs[call.number]:
                wrong.append(f"{call}: it succeeded and never ran")
        return wrong


def replicas(folder: str) -> list[int]:
    """The processes that run in a hub's folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/cwd").startswith(f"{folder}/"):
                found.append(int(pid))
    return found


async def kill_replica(hub: Hub) -> bool:
    found = replicas(hub.folder)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(found)


async def answers(hub: Hub) -> None:
    """Wait until the hub accepts a call and the replica runs it."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{hub.apps}", timeout=60) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                headers = {"prefer": "wait=20"}
                body = {"data": ["/dev/null", "0", 0]}
                if (await http.post(f"{_SPACE}/call/quick", json=body, headers=headers)).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def run(hub_kills: int, replica_kills: int, callers: int) -> int:
    """The exit status."""
    with Hub(0, kinds=()) as hub:
        hub.deploy("kills", READMES["ours"], (APPS / "kills.py").read_bytes())
        log = str(Path(hub.folder) / "runs.txt")
        Path(log).touch()
        load = Load(hub, log)
        await answers(hub)
        workers = [asyncio.create_task(load.work()) for _ in range(callers)]
        turns = [((turn + 0.5) / hub_kills, "hub") for turn in range(hub_kills)]
        turns += [((turn + 0.5) / replica_kills, "replica") for turn in range(replica_kills)]
        plan = [what for _, what in sorted(turns)]
        for number, what in enumerate(plan, 1):
            await asyncio.sleep(random.uniform(0.1, 1.0))
            if what == "hub":
                hub.kill()
                await asyncio.to_thread(hub.start)
            elif not await kill_replica(hub):
                sys.exit("There is no replica to kill.")
            await answers(hub)
            if number % 20 == 0 or number == len(plan):
                print(f"{number} of {len(plan)} kills, {len(load.calls)} calls accepted", flush=True)
        load.stopping = True
        await asyncio.gather(*workers)
        wrong = await load.read_outcomes() + load.count_runs()
        ends = collections.Counter(call.outcome for call in load.calls)
    print(f"{len(load.calls)} accepted calls: {dict(ends)}; refused: {dict(load.refused)}; wrong: {len(wrong)}")
    print(*wrong[:50], sep="\n")
    return 1 if wrong else 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--hub", type=int, default=500, help="how often the hub is killed")
    parser.add_argument("--replica", type=int, default=200, help="how often a replica is killed")
    parser.add_argument("--callers", type=int, default=30)
    options = parser.parse_args()
    if options.replica > options.hub:
        sys.exit("Kill the hub at least as often: until it starts anew, it gives up Spaces whose replicas keep ending.")
    sys.exit(asyncio.run(run(options.hub, options.replica, options.callers)))


if __name__ == "__main__":
    main()
