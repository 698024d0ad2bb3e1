"""The engine under random loads: every accepted job ends exactly once, and no limit is ever exceeded.

The journal is the real one in memory, answering late and sometimes not at all; the executor runs what the steps say.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaceport.engine import Bounds, Engine, Failure, JobRequest, Policy, Result, State
from spaceport.errors import Conflict, QueueFull, SpaceUnavailable
from spaceport.store import MemoryJournal

LIMITS = {"one": 1, "three": 3, "free": None, "pairs": 2}
POLICIES = [Policy(name, name, limit, batch_size=2 if name == "pairs" else 1) for name, limit in LIMITS.items()]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "submit", "finish", "fail", "cancel", "settle", "break"]),
        st.sampled_from(sorted(LIMITS)),
        st.integers(0, 50),
    ),
    max_size=60,
)


class LateJournal(MemoryJournal):
    """Writes when told to; `broken` refuses."""

    def __init__(self):
        super().__init__()
        self.waiting = []
        self.broken = False

    def accept(self, record, done):
        self._later(super().accept, record, done)

    def start(self, job_id, attempt, at, replica, done):
        self._later(super().start, job_id, attempt, at, replica, done)

    def finish(self, record, done):
        self.waiting.append((super().finish, (record, done), None))

    def _later(self, write, *arguments):
        self.waiting.append((write, arguments, arguments[-1]))

    def settle(self, count):
        now, self.waiting = self.waiting[:count], self.waiting[count:]
        for write, arguments, refuse in now:
            if self.broken and refuse is not None:
                refuse(OSError("disk full"))
            else:
                write(*arguments)


class StepExecutor:
    """Each attempt runs until a step ends it."""

    def __init__(self):
        self.running = []
        self.released = Counter()
        self.most = dict.fromkeys(LIMITS, 0)

    async def run(self, attempt):
        end = asyncio.get_running_loop().create_future()
        attempt.on_cancel = lambda: end.done() or end.set_result(Failure("cancelled", None))
        self.running.append((attempt, end))
        count = sum(one.endpoint == attempt.endpoint for one, _ in self.running)
        self.most[attempt.endpoint] = max(self.most[attempt.endpoint], count)
        try:
            result = await end
        finally:
            self.running.remove((attempt, end))
        return [result] * len(attempt.jobs)

    def end(self, pick, result):
        open_ends = [end for _, end in self.running if not end.done()]
        if open_ends:
            open_ends[pick % len(open_ends)].set_result(result)

    def release(self, call):
        assert all(call is not job.call for attempt, _ in self.running for job in attempt.jobs), "it still runs"
        self.released[id(call)] += 1

    def restore(self, endpoint, payload, *, waited):
        return object()


async def run(steps):
    journal, executor = LateJournal(), StepExecutor()
    engine = Engine(POLICIES, executor, journal, Bounds(), asyncio.get_running_loop().time)
    await engine.start()
    submits, accepted, cancels, calls = [], [], [], []

    async def submit(endpoint):
        with contextlib.suppress(SpaceUnavailable):  # the journal was broken: there is no job
            calls.append(object())
            accepted.append(await engine.submit(JobRequest(endpoint, calls[-1], b"x")))

    for step, endpoint, pick in steps:
        if step == "submit":
            submits.append(asyncio.ensure_future(submit(endpoint)))
        elif step in ("finish", "fail"):
            executor.end(pick, Result(b"[1]") if step == "finish" else Failure("function_failed", "no"))
        elif step == "cancel" and accepted:
            cancels.append(asyncio.ensure_future(engine.cancel(accepted[pick % len(accepted)])))
        elif step == "break":
            journal.broken = not journal.broken
        else:
            journal.settle(pick % 4 + 1)
        await asyncio.sleep(0)
    journal.broken = False
    ended = asyncio.gather(*submits)
    for _ in range(1000):
        journal.settle(5)
        executor.end(0, Result(b"[1]"))
        await asyncio.sleep(0)
        if ended.done() and all(job.state.final for job in accepted):
            break
        if not journal.waiting and not executor.running and engine.waiting:
            await asyncio.sleep(0.01)  # a refused start is tried again after a while
    await asyncio.gather(*cancels)
    assert executor.released == Counter(id(call) for call in calls), "each call is released once"
    return engine, executor, accepted


@settings(deadline=None, max_examples=150)
@given(STEPS)
def test_every_accepted_job_ends_once_and_no_limit_is_exceeded(steps):
    async def body():
        engine, executor, accepted = await run(steps)
        assert [job.state for job in accepted if not job.state.final] == []
        for name, limit in LIMITS.items():
            assert limit is None or executor.most[name] <= limit
        assert engine.running == 0
        assert engine.waiting == 0
        for job in accepted:
            stored = await engine.find(job.id)
            assert stored.outcome.state is job.state
            assert sum(type(update).__name__ == "Ended" for update in job.log.entries) == 1
            assert (job.outcome.data is not None) == (job.state is State.SUCCEEDED)
        await engine.close()

    asyncio.run(body())


async def test_a_call_that_is_not_accepted_is_released():
    executor, journal = StepExecutor(), LateJournal()
    engine = Engine(POLICIES, executor, journal, Bounds(waiting=0), asyncio.get_running_loop().time)
    await engine.start()
    calls = [object() for _ in range(6)]

    def request(number, key=None, body=b"body"):
        return JobRequest("one", calls[number], b"x", idempotency=None if key is None else (key, body))

    first = asyncio.ensure_future(engine.submit(request(0, "key")))
    await asyncio.sleep(0)
    same = asyncio.ensure_future(engine.submit(request(1, "key")))
    with pytest.raises(Conflict):
        await engine.submit(request(2, "key", b"another"))
    with pytest.raises(QueueFull):
        await engine.submit(request(3))
    journal.settle(1)
    job = await first
    assert await same is job
    gone = asyncio.ensure_future(engine.submit(request(4, "key")))
    gone.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert executor.released == Counter({id(calls[number]): 1 for number in (1, 2, 3)})
    await engine.stop(0)
    with pytest.raises(SpaceUnavailable):
        await engine.submit(request(5))
    assert executor.released[id(calls[5])] == 1
    assert executor.released[id(calls[0])] == 0, "it runs"
    executor.end(0, Result(b"[1]"))
    for _ in range(5):
        journal.settle(5)
        await asyncio.sleep(0)
    assert executor.released[id(calls[0])] == 1
    await engine.close()
