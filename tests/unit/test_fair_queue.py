"""The order of waiting jobs: ranks tell the truth, callers share alike, a better class goes first, nobody starves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spaceport.engine.fair_queue import CLASS_TURNS, FairQueue
from spaceport.engine.jobs import Job

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "pop", "remove", "back"]),
        st.integers(0, 2),
        st.sampled_from(["ann", "bob", "eve"]),
        st.integers(0, 99),
    )
)


def job(number, caller="", priority=0, endpoint="f"):
    return Job(str(number), endpoint, None, caller=caller, priority=priority)


def drain(line):
    found = []
    while (one := line.pop()) is not None:
        found.append(one)
    return found


@given(STEPS)
def test_ranks_are_the_order_in_which_jobs_go(steps):
    line, waiting, taken = FairQueue(), [], []
    for number, (step, priority, caller, pick) in enumerate(steps):
        if step == "add":
            waiting.append(job(number, caller, priority))
            line.add(waiting[-1])
        elif step == "pop" and waiting:
            first = min(waiting, key=line.rank)
            assert line.pop() is first
            waiting.remove(first)
            taken = [first]
        elif step == "back" and taken:
            line.put_back(taken[0])
            same = [one for one in waiting if one.priority == taken[0].priority]
            assert all(line.rank(taken[0]) < line.rank(one) for one in same)
            waiting += taken
            taken = []
        elif waiting:
            line.remove(waiting.pop(pick % len(waiting)))
        assert len(line) == len(waiting)
        assert sorted(map(line.rank, waiting)) == list(range(len(waiting)))
        assert [line.rank(one) for one in line.first(len(waiting))] == list(range(len(waiting)))


@given(st.lists(st.sampled_from(["ann", "bob", "eve", "pop"])))
def test_nobody_goes_twice_while_another_of_its_class_waits(steps):
    line, went = FairQueue(), {}
    """By waiting job: how often each other caller went since it was the first of its own."""
    waiting = []
    for number, step in enumerate(steps):
        if step != "pop":
            waiting.append(job(number, step))
            line.add(waiting[-1])
        elif (first := line.pop()) is not None:
            waiting.remove(first)
            for caller in {one.caller for one in waiting} - {first.caller}:
                counts = went.setdefault(caller, {})
                counts[first.caller] = counts.get(first.caller, 0) + 1
                assert counts[first.caller] <= 2  # once in the turn that was on, once in its own
            went.pop(first.caller, None)


def test_a_caller_with_many_jobs_goes_once_before_anothers_first():
    for number_gone in range(3):
        line = FairQueue()
        line.record_start(job("runs", "many"))
        for number in range(1000):
            line.add(job(number, "many"))
        for _ in range(number_gone):
            line.pop()
        line.add(mine := job("mine", "few"))
        assert line.rank(mine) == 0, "only what runs is before it"


def test_a_crowd_of_new_callers_does_not_keep_a_turn_from_ending():
    line = FairQueue()
    line.record_start(job("runs", "many"))
    waits = [job(f"many{number}", "many") for number in range(3)]
    for one in waits:
        line.add(one)
    went = []
    for number in range(100):  # somebody new comes again and again
        line.add(job(number, f"new{number}"))
        went.append(line.pop())
    assert [went.index(one) for one in waits] == sorted(went.index(one) for one in waits)
    assert went.index(waits[-1]) < 40


def test_a_better_class_goes_first_until_a_worse_one_has_waited_its_turns():
    line = FairQueue()
    line.add(worse := job("worse", "free", priority=1))
    line.add(better := job("better", "pro"))
    assert [line.rank(better), line.rank(worse)] == [0, 1]
    went = []
    for number in range(3 * CLASS_TURNS):  # somebody better comes again and again
        line.add(job(number, f"pro{number}"))
        went.append(line.pop())
    assert worse in went
    assert went.index(worse) >= CLASS_TURNS - 1


def test_jobs_that_went_past_the_line_can_be_put_back():
    """Several, before those that came meanwhile."""
    line, past = FairQueue(), [job(number) for number in range(3)]
    for one in past:
        line.record_start(one)
    later = job(9)
    line.add(later)
    for one in reversed(past):
        line.put_back(one)
    assert len(line) == 4
    assert drain(line) == [*past, later]
