"""The hours of calls that a hub keeps of each Space."""

from __future__ import annotations

import json

import pytest

from spaceport.hub.queues.usage import HOUR_S, UsageHistory
from spaceport.observe import Metrics, quantile
from spaceport.store.hub.ports import SpaceRow

SPACE = SpaceRow(1, "ann", "words", "ann-words", "spaces/a", False, "gradio", 0, 0, 1, None)
AGAIN = SpaceRow(2, "ann", "words", "ann-words", "spaces/b", False, "gradio", 0, 0, 1, None)


class Clock:
    now = 1000.0 * HOUR_S

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def data(tmp_path):
    for one in (SPACE, AGAIN):
        (tmp_path / one.folder).mkdir(parents=True)
    return tmp_path


def called(metrics, count=1, outcome="succeeded", seconds=0.02):
    counter = metrics.tally("ann/words", "shout")
    counter.accepted += count
    counter.ended[outcome] = counter.ended.get(outcome, 0) + count
    for _ in range(count):
        counter.run.add(seconds)
        counter.wait.add(0.004)


def shown(history, space=SPACE):
    return [(one.at - 1000, one.accepted, one.succeeded, one.failed, one.cancelled) for one in history.hours(space)]


def test_each_call_is_counted_once_in_its_hour(data, clock):
    metrics = Metrics()
    history = UsageHistory(data, metrics, clock)
    assert shown(history) == []
    called(metrics, 3)
    assert shown(history) == [(0, 3, 3, 0, 0)]
    called(metrics, 1, "function_failed")
    called(metrics, 1, "cancelled")
    assert shown(history) == [(0, 5, 3, 1, 1)]
    clock.now += 2 * HOUR_S
    called(metrics, 2)
    assert shown(history) == [(0, 5, 3, 1, 1), (2, 2, 2, 0, 0)]
    assert sum(history.hours(SPACE)[0].run) == 5
    assert history.calls(SPACE) == 7


def test_hours_older_than_seven_days_go(data, clock):
    metrics = Metrics()
    history = UsageHistory(data, metrics, clock)
    called(metrics)
    assert shown(history) == [(0, 1, 1, 0, 0)]
    clock.now += (7 * 24 - 1) * HOUR_S
    assert history.calls(SPACE) == 1
    clock.now += HOUR_S
    assert history.calls(SPACE) == 0
    assert shown(history) == []
    called(metrics)
    history.save([SPACE])
    assert len(json.loads((data / SPACE.folder / "usage.json").read_bytes())) == 1


def test_they_outlive_the_hub(data, clock):
    metrics = Metrics()
    history = UsageHistory(data, metrics, clock)
    called(metrics, 4)
    history.save([SPACE])
    metrics = Metrics()
    after = UsageHistory(data, metrics, clock)
    assert after.calls(SPACE) == 4
    called(metrics)
    assert shown(after) == [(0, 5, 5, 0, 0)]


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'[{"at":1000,"accepted":1,"run":[1]}]', b"\xff"])
def test_a_damaged_file_counts_nothing(data, clock, damage):
    (data / SPACE.folder / "usage.json").write_bytes(damage)
    history = UsageHistory(data, metrics := Metrics(), clock)
    assert history.calls(SPACE) == 0
    called(metrics)
    assert shown(history) == [(0, 1, 1, 0, 0)]


def test_a_new_space_of_the_same_name_begins_at_nothing(data, clock):
    metrics = Metrics()
    history = UsageHistory(data, metrics, clock)
    called(metrics, 4)
    assert history.hours(SPACE)
    called(metrics, 1)
    assert shown(history, AGAIN) == [(0, 1, 1, 0, 0)]


@pytest.mark.parametrize(
    ("seconds", "part", "least", "most"),
    [([0.02] * 10, 0.5, 0.01, 0.025), ([0.02] * 95 + [7.0] * 5, 0.95, 0.01, 0.025), ([7.0] * 2, 0.95, 5, 10)],
)
def test_a_quantile_lies_within_its_bounds(seconds, part, least, most):
    counter = Metrics().tally("a/b", "c")
    for one in seconds:
        counter.run.add(one)
    assert least <= quantile(counter.run.counts, part) <= most


def test_a_quantile_of_nothing_and_of_what_exceeds_all_bounds():
    counter = Metrics().tally("a/b", "c")
    assert quantile(counter.run.counts, 0.5) is None
    counter.run.add(10_000)
    assert quantile(counter.run.counts, 0.5) == 1800
