"""How many jobs lie at a replica before they begin: what it starts within a horizon, and one at a slow replica."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from spaceport.engine import Assigned, Attempt, Bounds, Engine, JobRequest, Policy, Prefetched, Result, Wait
from spaceport.engine.prefetched import HORIZON_S, MAX_WINDOW
from spaceport.store import MemoryJournal


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Line:
    """A replica that runs one job at a time for `gap_s` seconds; it is sent as many as there is room for."""

    def __init__(self, clock, gap_s):
        self.clock, self.gap_s = clock, gap_s
        self.prefetched = Prefetched(clock)
        self.lying = []
        self.runs = None
        self.sent = 0

    def fill(self):
        while self.prefetched.has_room("a"):
            self.sent += 1
            job = SimpleNamespace(id=f"job {self.sent}")
            attempt = Attempt("f", [job], None, 0.0, replica="a")
            self.prefetched.add(attempt)
            self.lying.append(attempt)

    def begin(self):
        if self.runs is not None:
            self.prefetched.ended(self.runs, self.gap_s)
        self.runs = self.lying.pop(0)
        self.prefetched.begun(self.runs)

    def run(self, starts):
        for _ in range(starts):
            self.fill()
            self.clock.now += self.gap_s
            self.begin()
        self.fill()
        return len(self.lying)


def test_the_window_holds_what_a_replica_starts_within_the_horizon():
    for gap_s, most in ((2**-12, MAX_WINDOW), (2**-10, 51), (2**-7, 6), (2**-5, 1), (2**-4, 1), (2.0, 1)):
        assert Line(Clock(), gap_s).run(300) == most, gap_s


def test_a_first_job_goes_alone_and_each_start_doubles_the_window():
    line = Line(Clock(), 2**-10)
    assert line.run(0) == 1
    assert [line.run(1) for _ in range(5)] == [1, 2, 4, 8, 16]  # the run time is known once the first has ended


def test_nothing_more_is_sent_while_nothing_starts():
    line = Line(Clock(), 2**-10)
    assert line.run(100) == 51
    for _ in range(50):
        line.prefetched.discard(line.lying.pop())  # they are taken back
    line.clock.now += HORIZON_S * 1.01
    assert not line.prefetched.has_room("a")
    line.clock.now += 2**-10
    line.begin()
    assert line.prefetched.has_room("a")


def test_one_late_start_shrinks_the_window_and_slow_ones_close_it():
    line = Line(Clock(), 2**-10)
    line.run(100)
    line.clock.now += 0.1
    line.begin()
    assert line.run(7) == 50 - 7  # they may be three by the mean of 0.1 s and seven short gaps
    assert line.run(60) == 51
    line.gap_s = 0.06
    assert line.run(60) == 1


def test_an_idle_time_is_no_gap_between_starts():
    line = Line(Clock(), 2**-10)
    line.run(100)
    while line.lying:
        line.clock.now += 2**-10
        line.begin()
    line.clock.now += 3600
    line.fill()
    assert len(line.lying) == 51


def test_jobs_that_start_at_once_in_free_slots_do_not_open_the_window_for_slow_ones():
    for run_s, slots, most in ((6.0, 2, 1), (6.0, 40, 1), (0.5, 40, 4), (0.01, 2, 10), (0.001, 1, 50)):
        clock = Clock()
        prefetched = Prefetched(clock)
        number = 0
        for _ in range(20):  # few callers: there is always a free slot
            runs = []
            for _ in range(slots):
                number += 1
                runs.append(Attempt("f", [SimpleNamespace(id=f"{number}")], None, 0.0, replica="a"))
                prefetched.add(runs[-1])
                clock.now += 2**-11
                prefetched.begun(runs[-1])
            size = prefetched._window("a").size
            clock.now += run_s
            for one in runs:
                prefetched.ended(one, run_s)
        assert size == most, run_s


def test_a_batched_endpoint_may_have_a_whole_batch_at_a_slow_replica():
    prefetched = Prefetched(Clock())
    for number in range(4):
        assert prefetched.has_room("a", least=4)
        prefetched.add(Attempt("f", [SimpleNamespace(id=f"{number}")], None, 0.0, replica="a"))
    assert not prefetched.has_room("a", least=4)


def test_a_job_for_a_replica_that_starts_counts_where_it_goes():
    prefetched = Prefetched(Clock())
    attempt = Attempt("f", [SimpleNamespace(id="x")], None, 0.0)
    prefetched.add(attempt)
    assert not prefetched.has_room("a")
    prefetched.move(attempt, "a")
    assert (prefetched.count(""), prefetched.count("a")) == (0, 1)
    assert prefetched.has_room("b")
    prefetched.begun(attempt)
    assert not len(prefetched)
    assert prefetched.has_room("a")


def test_windows_of_replicas_that_are_gone_are_forgotten():
    prefetched = Prefetched(Clock())
    for number in range(1000):
        attempt = Attempt("f", [SimpleNamespace(id="x")], None, 0.0, replica=f"replica {number}")
        prefetched.add(attempt)
        prefetched.begun(attempt)
        prefetched.ended(attempt, 1.0)  # all that run on a replica end with it
    assert len(prefetched._windows) <= 64


def test_ranks_count_a_replica_once():
    prefetched = Prefetched(Clock())
    for number in range(3):
        prefetched.add(Attempt("f", [SimpleNamespace(id=f"{number}")], None, 0.0, replica="a", rank=number))
    assert prefetched.jobs_before_queue == 3
    prefetched.add(Attempt("f", [SimpleNamespace(id="y")], None, 0.0, replica="b", rank=7))
    assert prefetched.jobs_before_queue == 3 + 8


class Replica:
    """Begins the jobs sent to it one after the other, each `gap_s` after the last one, and answers them at once."""

    def __init__(self, gap_s):
        self.gap_s = gap_s
        self.order = []
        self.turn = asyncio.Lock()

    def choose_replica(self, job, prefetched):
        return Assigned("a") if prefetched.has_room("a") else Wait(everyone=True)

    def release(self, call):
        pass

    async def run(self, attempt):
        assert await attempt.sink.sending(attempt)
        async with self.turn:
            await asyncio.sleep(self.gap_s)
            attempt.sink.begun(attempt)
        self.order.append(attempt.jobs[0].call)
        return [Result(b"[1]")]


async def begun_before_a_better_class(gap_s):
    """How many jobs that were accepted earlier begin before one of a better class, after `gap_s` was measured."""
    replica = Replica(gap_s)
    engine = Engine([Policy("f", "f", 1, prefetch=True)], replica, MemoryJournal(), Bounds(), lambda: 1.0)
    await engine.start()
    for number in range(150):
        await engine.submit(JobRequest("f", number, b"x", priority=1, address=f"{number}"))
    while len(replica.order) < 20:
        await asyncio.sleep(0.001)
    before = len(replica.order)
    await engine.submit(JobRequest("f", "better", b"x", priority=0, address="better"))
    while "better" not in replica.order:
        await asyncio.sleep(0.001)
    await engine.stop(0)
    await engine.close()
    return replica.order.index("better") - before


async def test_a_better_class_waits_for_the_jobs_of_a_window_at_most():
    assert await begun_before_a_better_class(0.002) <= MAX_WINDOW + 8  # and those that begin while it is accepted


async def test_a_better_class_waits_for_one_slow_job_at_most():
    assert await begun_before_a_better_class(0.06) <= 2  # the one that begins meanwhile, and the one that lies there
