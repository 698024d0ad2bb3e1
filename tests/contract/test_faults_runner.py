"""Replicas whose hub was killed, and hubs with many open files."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.contract.test_runner import SERVE, alive, nobody, spec, until
from tests.faults import fault

from spaceport.runner.base import Ended, Listening, Replica
from spaceport.runner.local.runner import LocalRunner

HUB = """
import asyncio, json, sys
from pathlib import Path
from tests.contract.test_runner import SERVE, nobody, spec, until
from spaceport.runner.base import Listening
from spaceport.runner.local.runner import LocalRunner

async def main():
    runner = LocalRunner(processes=50, orphan_s=float(sys.argv[2]))
    replica = await runner.start(spec(Path(sys.argv[1]), SERVE), nobody)
    await until(runner, replica, Listening)
    print(json.dumps([replica.id, replica.epoch]), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


class Hub:
    """A process that starts a replica and is killed."""

    def __init__(self, folder: Path, orphan_s: float) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        command = [sys.executable, "-c", HUB, str(folder), str(orphan_s)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        self.replica = Replica(*json.loads(self.process.stdout.readline()))
        self.pid, _, self.supervisor = (int(part) for part in self.replica.id.split("-")[:3])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


async def ends(pid: int, within: float) -> None:
    deadline = time.monotonic() + within
    while alive(pid):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@fault(
    kind="isolation",
    given="a hub that is killed (`kill -9`) and not started again",
    before="its replicas ran for ever",
    now="they end ten minutes later (`--adopt-within`)",
)
async def test_a_replica_that_nobody_adopts_ends(tmp_path):
    hub = Hub(tmp_path, 1.5)
    await asyncio.sleep(3)
    assert alive(hub.pid)  # its hub holds it
    hub.kill()
    killed_at = time.monotonic()
    await ends(hub.pid, 20)
    assert time.monotonic() - killed_at > 1
    await ends(hub.supervisor, 5)


async def test_a_replica_that_is_adopted_in_time_goes_on_as_long_as_that_hub(tmp_path):
    hub = Hub(tmp_path, 6)
    hub.kill()
    later = LocalRunner(processes=50)
    assert isinstance(await later.adopt(hub.replica, nobody), Listening)
    await asyncio.sleep(8)
    assert isinstance(await until(later, hub.replica, Listening), Listening)
    await later.stop(hub.replica)
    assert not alive(hub.pid)
    assert await later.poll(hub.replica) == Ended()


async def test_a_replica_is_adopted_again_and_again(tmp_path):
    hub = Hub(tmp_path, 3)
    hub.kill()
    for _ in range(3):
        later = LocalRunner(processes=50)
        assert isinstance(await later.adopt(hub.replica, nobody), Listening)
        await asyncio.sleep(2)
        process = later._known.pop(hub.replica.id)
        later._unwatch(process)
        process.supervised.held.close()  # as the kernel does when the hub is killed
    await ends(hub.pid, 20)


@fault(
    kind="limit",
    given="a hub with more than 1,023 open files, as with a thousand streams, that starts a replica",
    before="`select` raised ValueError: no Space could be started",
    now="it waits with `poll`, which takes any descriptor",
)
async def test_a_replica_starts_in_a_process_with_many_open_files(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.fail("this machine allows too few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    runner = LocalRunner(processes=50)
    try:
        replica = await runner.start(spec(tmp_path, SERVE), nobody)
        later = LocalRunner(processes=50)
        await later.adopt(replica, lambda _: None)
        await later.stop(replica)
        await runner.stop(replica)
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
