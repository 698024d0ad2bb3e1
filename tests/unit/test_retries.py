"""Jobs that run again, jobs that kill what runs them, and how many of one caller's run at once."""

from __future__ import annotations

import asyncio
from collections import Counter

from spaceport.engine import Bounds, Engine, Failure, JobRequest, Policy, Queued, Result, Retryable, State, Watcher
from spaceport.engine.retries import delay_s
from spaceport.store import MemoryJournal, SqliteJournal

FAILED = Retryable(Failure("function_failed", "no"), begun=True)


class Script:
    """Gives each attempt the next of the results it was told; an Event among them is waited for."""

    def __init__(self, *results):
        self.results = list(results)
        self.runs = []
        self.now = Counter()
        self.most = Counter()

    async def run(self, attempt):
        self.runs.append([job.id for job in attempt.jobs])
        callers = Counter(job.caller for job in attempt.jobs)
        self.now += callers
        self.most |= self.now
        result = self.results.pop(0) if self.results else Result(b"[1]")
        if isinstance(result, asyncio.Event):
            await result.wait()
            result = Result(b"[1]")
        self.now -= callers
        return [result] * len(attempt.jobs)

    def release(self, call):
        pass

    def restore(self, endpoint, payload, *, waited):
        return object()

    def survived(self, job):
        return False


async def engine_of(script, policies, journal=None, **bounds):
    engine = Engine(policies, script, journal or MemoryJournal(), Bounds(**bounds), asyncio.get_running_loop().time)
    await engine.start()
    return engine


def test_delays_double_up_to_a_minute_and_differ():
    for attempt in range(1, 40):
        longest = min(60.0, 0.5 * 2 ** (attempt - 1))
        found = {delay_s(attempt, 0.5) for _ in range(20)}
        assert all(longest / 2 <= one <= longest for one in found)
        assert len(found) > 1


async def test_a_failed_call_runs_again_and_its_watchers_see_it_wait():
    script = Script(FAILED, FAILED)
    engine = await engine_of(script, [Policy("f", "f", retries=2)], retry_delay_s=0.01)
    job = await engine.submit(JobRequest("f", object(), b"x"))
    watcher = Watcher()
    engine.watch(job, watcher)
    await engine.ended(job)
    assert job.outcome.state is State.SUCCEEDED
    assert job.attempt == 3
    kinds = [type(update).__name__ for update in job.log.entries]
    assert kinds == ["Queued", "Started", "Queued", "Started", "Queued", "Started", "Ended"]
    assert engine.running == engine.waiting == 0
    await engine.close()


async def test_it_ends_with_the_last_failure_when_its_retries_are_used_up():
    engine = await engine_of(Script(FAILED, FAILED), [Policy("f", "f", retries=1)], retry_delay_s=0)
    job = await engine.submit(JobRequest("f", object(), b"x"))
    await engine.ended(job)
    assert (job.attempt, job.outcome.failure) == (2, FAILED.failure)
    await engine.close()


async def test_others_go_on_while_a_job_rests_and_it_can_be_cancelled():
    script = Script(FAILED)
    engine = await engine_of(script, [Policy("f", "f", 1, retries=5)], retry_delay_s=3600)
    rests = await engine.submit(JobRequest("f", object(), b"x"))
    await asyncio.sleep(0)
    other = await engine.submit(JobRequest("f", object(), b"x"))
    await engine.ended(other)
    assert rests.state is State.QUEUED
    assert engine.waiting == 1
    assert isinstance(engine.position(rests), Queued)
    assert await engine.cancel(rests)
    assert engine.waiting == 0
    assert script.runs == [[rests.id], [other.id]]
    await engine.close()


async def test_a_job_that_kills_its_process_each_time_is_given_up_as_poisoned(tmp_path):
    path = tmp_path / "journal.db"
    for attempt in (1, 2, 3):
        script = Script(asyncio.Event())
        engine = await engine_of(script, [Policy("f", "f", retries=2)], SqliteJournal(path), retry_delay_s=0)
        if attempt == 1:
            job = await engine.submit(JobRequest("f", object(), b"x"))
        while not script.runs:
            await asyncio.sleep(0.001)
        await engine.close()  # as a kill: the attempt has no outcome
    engine = await engine_of(Script(), [Policy("f", "f", retries=2)], SqliteJournal(path), retry_delay_s=0)
    found = await engine.find(job.id)
    await engine.ended(found)
    assert (found.outcome.failure.code, found.attempt) == ("poisoned", 3)
    assert "attempt 3 of 3" in found.outcome.failure.message
    await engine.close()


async def test_one_callers_calls_run_only_so_many_at_once_while_others_go_on():
    policies = [Policy("wide", "wide", None), Policy("batch", "batch", 1, batch_size=8)]
    gates = [asyncio.Event() for _ in range(5)]
    script = Script(*gates)
    engine = await engine_of(script, policies, running_per_caller=2)
    mine = [await engine.submit(JobRequest("wide", object(), b"x", user="a")) for _ in range(4)]
    batched = await engine.submit(JobRequest("batch", object(), b"x", user="a"))
    theirs = await engine.submit(JobRequest("wide", object(), b"x", user="b"))
    nobody = [await engine.submit(JobRequest("wide", object(), b"x")) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert [one.state.value for one in mine] == ["running", "running", "queued", "queued"]
    assert batched.state is State.QUEUED
    assert [one.state for one in (theirs, *nobody)] == [State.RUNNING] * 3
    for gate in gates:
        gate.set()
    for one in (*mine, batched, theirs, *nobody):
        await engine.ended(one)
    assert script.most["user:a"] == 2
    await engine.close()


async def test_a_batch_holds_no_more_of_one_caller_than_may_run():
    script = Script(gate := asyncio.Event())
    engine = await engine_of(script, [Policy("f", "f", 1, batch_size=8)], running_per_caller=3)
    first = await engine.submit(JobRequest("f", object(), b"x", user="z"))
    jobs = [await engine.submit(JobRequest("f", object(), b"x", user=user)) for user in "aaaaabbbbb"]
    gate.set()
    for job in (first, *jobs):
        await engine.ended(job)
    assert script.most["user:a"] == script.most["user:b"] == 3
    assert max(map(len, script.runs)) == 6
    await engine.close()
