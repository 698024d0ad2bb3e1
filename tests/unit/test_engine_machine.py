"""The engine over a real journal on disk, under whatever may happen, in any order.

Calls come, run, fail, are retried and cancelled; the server is killed and stopped, the clock jumps, the disk is full.
Every accepted job reaches exactly one outcome, which never changes; no limit is exceeded; what a caller was told is
cancelled never starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spaceport.engine import Bounds, Engine, Failure, JobRequest, Policy, Result, Retryable, State
from spaceport.errors import QueueFull, SpaceUnavailable
from spaceport.store import SqliteJournal

LIMITS = {"one": 1, "two": 2, "pairs": 1, "free": None}
POLICIES = [Policy(name, name, limit, batch_size=2 if name == "pairs" else 1) for name, limit in LIMITS.items()]
CAP = 3
WAITING = 12
FAILED = Failure("function_failed", "no")
RESULTS = {"ok": Result(b"[1]"), "fail": FAILED, "again": Retryable(FAILED, begun=True)}


class Functions:
    """What runs; `told` are jobs whose cancel was confirmed."""

    def __init__(self, told):
        self.running = []
        self.told = told

    async def run(self, attempt):
        assert not {job.id for job in attempt.jobs} & self.told, "a job started after its cancel was confirmed"
        end = asyncio.get_running_loop().create_future()
        attempt.on_cancel = lambda: end.done() or end.set_result(Failure("cancelled", None))
        self.running.append((attempt, end))
        try:
            return [await end] * len(attempt.jobs)
        finally:
            self.running.remove((attempt, end))

    def release(self, call):
        pass

    def restore(self, endpoint, payload, *, waited):
        return object()

    def survived(self, job):
        return False


class World(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="spaceport-machine-"))
        self.clock = 1000.0
        self.accepted, self.outcomes, self.told = {}, {}, set()
        self.begin()

    def begin(self):
        async def start():
            self.journal = SqliteJournal(self.folder / "journal.db")
            self.functions = Functions(self.told)
            bounds = Bounds(waiting=WAITING, running_per_caller=CAP, retry_delay_s=0, outcome_ttl_s=1e12)
            self.engine = Engine(POLICIES, self.functions, self.journal, bounds, lambda: self.clock)
            await self.engine.start()

        self.full = False
        self.loop.run_until_complete(start())
        self.settle()

    def settle(self):
        async def rest():
            for _ in range(12):
                await asyncio.sleep(0)

        self.loop.run_until_complete(rest())

    @rule(
        endpoint=st.sampled_from(sorted(LIMITS)),
        caller=st.sampled_from(["ann", "bob", None]),
        retries=st.integers(0, 2),
        priority=st.integers(0, 1),
        count=st.integers(1, 4),
    )
    def submit(self, endpoint, caller, retries, priority, count):
        async def one():
            new = JobRequest(endpoint, object(), b"x", user=caller, retries=retries, priority=priority)
            try:
                job = await self.engine.submit(new)
            except QueueFull:
                assert self.engine.waiting >= WAITING
            except SpaceUnavailable:
                pass
            else:
                self.accepted[job.id] = retries

        async def all_of_them():
            await asyncio.gather(*(one() for _ in range(count)))

        self.loop.run_until_complete(all_of_them())
        self.settle()

    @rule(pick=st.integers(0, 20), how=st.sampled_from(sorted(RESULTS)))
    def end(self, pick, how):
        ends = [end for _, end in self.functions.running if not end.done()]
        if ends:
            ends[pick % len(ends)].set_result(RESULTS[how])
        self.settle()

    @rule(pick=st.integers(0, 50))
    def cancel(self, pick):
        if not self.accepted:
            return
        job_id = sorted(self.accepted)[pick % len(self.accepted)]

        async def ask():
            job = await self.engine.find(job_id)
            assert job is not None
            with contextlib.suppress(asyncio.TimeoutError):  # it is told when it is written, which a full disk puts off
                if await asyncio.wait_for(self.engine.cancel(job), 0.05 if self.full else 20):
                    self.told.add(job_id)

        self.loop.run_until_complete(ask())

    @rule(before=st.integers(0, 3), pick=st.integers(0, 20), how=st.sampled_from(sorted(RESULTS)))
    def kill(self, before, pick, how):
        """As kill -9 does it: what is not on disk is gone. Something may have been about to be written."""
        self.loop.call_soon(self._submit_and_forget)
        ends = [end for _, end in self.functions.running if not end.done()]
        if ends:
            ends[pick % len(ends)].set_result(RESULTS[how])

        async def die():
            for _ in range(before):
                await asyncio.sleep(0)
            self.journal._commits._pending.clear()
            self.journal._commits._refused.clear()
            self.journal._commits._closed = True
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            self.engine._attempts.stop()
            self.engine._expiry.stop()
            await asyncio.sleep(0)
            self.journal._database.reader.close()
            self.journal._database.writer.close()
            self.journal._database._lock.close()

        self.loop.run_until_complete(die())
        self.begin()

    def _submit_and_forget(self):
        task = self.loop.create_task(self.engine.submit(JobRequest("two", object(), b"x")))
        task.add_done_callback(self._maybe_accepted)

    def _maybe_accepted(self, task):
        if not task.cancelled() and task.exception() is None:
            self.accepted[task.result().id] = 0

    @rule()
    def stop(self):
        async def end():
            await self.engine.stop(0.0)
            await self.engine.close()

        self.loop.run_until_complete(end())
        self.begin()

    @rule(seconds=st.sampled_from([-86_400.0, -1.0, 1.0, 30 * 86_400.0]))
    def jump(self, seconds):
        self.clock += seconds

    @rule(full=st.booleans())
    def fill_the_disk(self, full):
        """Nothing can be written, then it can."""
        pages = self.journal._database.writer.execute("PRAGMA page_count").fetchone()[0]
        self.journal._database.writer.execute(f"PRAGMA max_page_count={pages if full else 1 << 30}")
        self.full = full

    @invariant()
    def limits_hold(self):
        now = Counter(attempt.endpoint for attempt, _ in self.functions.running)
        assert all(limit is None or now[name] <= limit for name, limit in LIMITS.items())
        callers = Counter(job.caller for attempt, _ in self.functions.running for job in attempt.jobs)
        assert all(count <= CAP for caller, count in callers.items() if caller)

    @invariant()
    def an_outcome_is_for_good(self):
        async def look():
            for job_id in self.accepted:
                job = await self.engine.find(job_id)
                assert job is not None, "an accepted job is lost"
                if job.state.final:
                    known = self.outcomes.setdefault(job_id, job.state)
                    assert known is job.state
                    assert sum(type(update).__name__ == "Ended" for update in job.log.entries) == 1
                assert (job_id in self.told) <= (job.state is State.CANCELLED)

        self.loop.run_until_complete(look())

    def teardown(self):
        self.journal._database.writer.execute(f"PRAGMA max_page_count={1 << 30}")

        async def finish():
            for _ in range(2000):
                jobs = [await self.engine.find(job_id) for job_id in self.accepted]
                # a call whose acceptance was written, but not told before the kill, runs too
                if all(job.state.final for job in jobs) and not self.engine.waiting and not self.functions.running:
                    break
                for _, end in self.functions.running:
                    if not end.done():
                        end.set_result(RESULTS["ok"])
                await asyncio.sleep(0 if self.functions.running else 0.01)
            else:
                raise AssertionError([job for job in jobs if not job.state.final])
            for job in jobs:
                assert job.attempt <= self.accepted[job.id] + 1
            await asyncio.sleep(0.01)
            assert self.engine.waiting == self.engine.running == 0
            await self.engine.close()

        self.loop.run_until_complete(finish())
        self.loop.close()
        shutil.rmtree(self.folder)


TestWorld = World.TestCase
TestWorld.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
