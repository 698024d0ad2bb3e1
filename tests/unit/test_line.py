"""The order of waiting jobs, against the plainest model of it: a sorted list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spaceport.engine.jobs import Job
from spaceport.engine.line import Line

STEPS = st.lists(st.tuples(st.sampled_from(["add", "pop", "remove"]), st.integers(0, 2), st.integers(0, 99)))


@given(STEPS)
def test_ranks_and_order_equal_a_sorted_list(steps):
    line, model = Line(), []
    for number, (step, priority, pick) in enumerate(steps):
        if step == "add":
            job = Job(str(number), "f", None, priority=priority)
            line.add(job)
            model.append(job)
            model.sort(key=lambda one: one.priority)
        elif step == "pop":
            assert line.pop() is (model.pop(0) if model else None)
        elif model:
            job = model.pop(pick % len(model))
            line.remove(job)
        assert len(line) == len(model)
        assert [line.rank(job) for job in model] == list(range(len(model)))


def test_a_batch_takes_only_the_same_endpoint_in_order():
    line = Line()
    for number, endpoint in enumerate(["f", "f", "g", "f"]):
        line.add(Job(str(number), endpoint, None))
    assert line.pop().id == "0"
    assert line.pop(same="f").id == "1"
    assert line.pop(same="f") is None
    assert line.pop().id == "2"
