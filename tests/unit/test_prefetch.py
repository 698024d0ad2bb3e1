"""Jobs that an executor sends to somebody else's queues: at most one a function lies in each, none runs twice unasked.

Random loads; what ran them may vanish at any moment.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from spaceport.engine import (
    Assigned,
    Bounds,
    Engine,
    Failure,
    JobRequest,
    Pending,
    Policy,
    Queued,
    Result,
    Retryable,
    State,
    Wait,
)
from spaceport.store import MemoryJournal

LIMITS = {"one": 1, "two": 2}
LOST = Failure("interrupted", "lost", shown=True)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "submit", "begin", "begin", "end", "lose", "refuse", "cancel"]),
        st.sampled_from(sorted(LIMITS)),
        st.integers(0, 50),
    ),
    max_size=60,
)


class Elsewhere:
    """Takes jobs at once; the steps say what becomes of them."""

    def __init__(self):
        self.sent = []
        self.began = Counter()
        self.up = True
        self.most = Counter()

    def choose_replica(self, job, prefetched):
        """As many places as the limit; a session has to go to its own. Nobody waits beside another."""
        if not self.up:
            return Wait() if prefetched else Pending()
        places = [f"place {number}" for number in range(LIMITS.get(job.endpoint, 1))]
        if job.own_session:
            places = [places[int(job.session) % len(places)]]
        free = [place for place in places if all(one.replica not in ("", place) for one in prefetched)]
        return Assigned(free[0]) if free else Wait()

    def survived(self, job):
        return False

    def release(self, call):
        pass

    def restore(self, endpoint, payload, *, waited):
        return None

    async def run(self, attempt):
        end = asyncio.get_running_loop().create_future()
        attempt.on_cancel = lambda: end.done() or end.set_result(Failure("cancelled", None))
        if not await attempt.sink.sending(attempt):
            return [Retryable(LOST, begun=False)]
        self.sent.append((attempt, end))
        unstarted = Counter(one.endpoint for one, _ in self.sent if not one.begun)
        self.most |= unstarted
        try:
            return [await end]
        finally:
            self.sent.remove((attempt, end))

    def pick(self, number, *, begun):
        found = [(one, end) for one, end in self.sent if one.begun == begun and not end.done()]
        return found[number % len(found)] if found else None

    def begin(self, number):
        if found := self.pick(number, begun=False):
            attempt = found[0]
            self.began[attempt.jobs[0].id] += 1
            attempt.sink.begun(attempt)

    def end(self, number, result, *, begun):
        if found := self.pick(number, begun=begun):
            found[1].set_result(result)


async def play(steps):
    there, journal = Elsewhere(), MemoryJournal()
    policies = [Policy(name, name, limit, retries=limit - 1, prefetch=True) for name, limit in LIMITS.items()]
    engine = Engine(policies, there, journal, Bounds(retry_delay_s=0), lambda: 1.0)
    await engine.start()
    jobs = []
    for kind, endpoint, number in steps:
        if kind == "submit":
            there.up = number % 5 > 0
            engine.redispatch()
            session = str(number) if number % 3 else None
            job = await engine.submit(
                JobRequest(endpoint, None, b"x", session=session, own_session=session is not None)
            )
            jobs.append(job)
        elif kind == "begin":
            there.begin(number)
        elif kind == "end":
            there.end(number, Result(b"[1]"), begun=True)
        elif kind == "lose":
            there.end(number, Retryable(LOST, begun=True), begun=True)
        elif kind == "refuse":
            there.end(number, Retryable(LOST, begun=False), begun=False)
        elif jobs:
            await engine.cancel(jobs[number % len(jobs)])
        await settle()
        stored = {one.accepted.id: one.state for one in await journal.unfinished()}
        for job in jobs:
            assert job.state.final or stored[job.id] in (State.QUEUED, State.RUNNING)
            if job.state is State.RUNNING and not job.ending:
                assert stored[job.id] is State.RUNNING
            if job.state is State.QUEUED and not job.ending and job.running is None:
                prefetched = [one for one, _ in there.sent if one.endpoint == job.endpoint and not one.begun]
                assert len(prefetched) >= LIMITS[job.endpoint] or there.choose_replica(job, prefetched) == Wait()
    for _ in range(10 * len(jobs)):
        there.begin(0)
        there.end(0, Result(b"[1]"), begun=True)
        await settle()
    assert all(job.state.final for job in jobs)
    assert engine.running == 0
    await engine.close()
    return there, jobs


async def settle():
    for _ in range(8):
        await asyncio.sleep(0)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_every_job_ends_once_and_none_runs_twice_unasked(steps):
    there, jobs = asyncio.run(play(steps))
    for job in jobs:
        assert job.outcome is not None
        retries = LIMITS[job.endpoint] - 1
        assert there.began[job.id] <= 1 + retries
        if job.state is State.SUCCEEDED:
            assert there.began[job.id]
    assert all(there.most[name] <= limit for name, limit in LIMITS.items())


async def test_ranks_count_what_waits_elsewhere_and_a_refused_job_goes_first():
    there = Elsewhere()
    engine = Engine([Policy("f", "f", 1, prefetch=True)], there, MemoryJournal(), Bounds(), lambda: 1.0)
    await engine.start()
    jobs = [await engine.submit(JobRequest("f", number, b"x")) for number in range(3)]
    await settle()
    (attempt, end) = there.sent[0]
    attempt.sink.waits(attempt, 4, None)
    assert [engine.position(job).rank for job in jobs] == [4, 5, 6]
    end.set_result(Retryable(LOST, begun=False))
    await settle()
    assert [one.jobs[0] for one, _ in there.sent] == [jobs[0]]
    there.begin(0)
    await settle()
    assert [job.state for job in jobs] == [State.RUNNING, State.QUEUED, State.QUEUED]
    assert engine.position(jobs[1]) == Queued(0, 2, None)
    for _, end in there.sent:
        end.set_result(Failure("x", None))
    await engine.close()


async def test_what_waits_elsewhere_is_sent_there_again_as_the_same_attempt():
    """The key that says so has the attempt's number (`OurUpstream`): another one would run it twice."""
    there, journal, policy = Elsewhere(), MemoryJournal(), Policy("two", "two", 2, prefetch=True)
    engine = Engine([policy], there, journal, Bounds(), lambda: 1.0)
    await engine.start()
    job = await engine.submit(JobRequest("two", None, b"x", session="1", own_session=True))
    await settle()
    attempt = there.sent[0][0]
    attempt.sink.waits(attempt, 1, None)
    await asyncio.sleep(0.1)
    (stored,) = await journal.unfinished()
    assert (stored.state, stored.attempt, stored.replica) == (State.QUEUED, 0, "place 1")
    again = Elsewhere()
    following = Engine([policy], again, journal, Bounds(), lambda: 1.0)
    await following.start()
    await settle()
    (sent,) = again.sent[0][0].jobs
    assert (sent.id, sent.attempt, sent.replica) == (job.id, 1, "place 1")
    for _, end in (*there.sent, *again.sent):
        end.set_result(Failure("x", None))
    await settle()
    await following.close()
