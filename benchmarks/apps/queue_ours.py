"""Our engine alone on `count` jobs that do nothing: `queue_ours.py COUNT process|power`. Prints figures as JSON."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from spaceport.engine import Attempt, Bounds, Engine, Job, JobRequest, Policy, Result
from spaceport.store import Durability, SqliteJournal

PAYLOAD = b'{"data":["Hello there, how are you today?"]}'
WORKERS = 4


class Functions:
    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.began = 0.0

    async def run(self, attempt: Attempt) -> list[Result]:
        await self.open.wait()
        self.began = time.perf_counter()
        return [Result(b'["Hello there, how are you today?"]')] * len(attempt.jobs)

    def release(self, call: object) -> None:
        """A call holds nothing."""


async def main() -> None:
    count, durability = int(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="spaceport-bench-") as folder:
        functions = Functions()
        journal = SqliteJournal(Path(folder) / "journal.db", Durability(durability))
        engine = Engine([Policy("echo", "echo", WORKERS)], functions, journal, Bounds(), time.time)  # type: ignore[arg-type]
        await engine.start()

        async def submit(some: int) -> None:
            for _ in range(some):
                jobs.append(await engine.submit(JobRequest("echo", object(), PAYLOAD)))

        jobs: list[Job] = []
        begun = time.perf_counter()
        await asyncio.gather(*(submit(count // 50) for _ in range(50)))
        entered = time.perf_counter()
        functions.open.set()
        for job in jobs:
            await engine.ended(job)
        done = time.perf_counter()
        late = []
        for _ in range(200):
            begun_one = time.perf_counter()
            job = await engine.submit(JobRequest("echo", object(), PAYLOAD))
            await engine.ended(job)
            late.append(functions.began - begun_one)
        await engine.close()
    figures = {"in": len(jobs) / (entered - begun), "out": len(jobs) / (done - entered)}
    print(json.dumps({**figures, "late": sorted(late)[100], "cpu": time.process_time() / len(jobs)}))


asyncio.run(main())
