"""The update log: bounded, resumable, nothing lost or doubled inside its bound."""

from __future__ import annotations

import pytest
from tests.faults import fault

from spaceport.engine import LogLine, Output, Progress, UpdateLog
from spaceport.engine.updates import step


def replay(log, after=0, values=None):
    if log.folded > after:
        values, after = log.base, log.folded
    for _, update in log.since(after):
        if isinstance(update, Output):
            values = step(values, update)
    return values


def test_every_output_can_be_rebuilt():
    log = UpdateLog()
    texts = ["x" * n for n in range(1, 50)]
    for text in texts:
        log.add_output([text], 0.0, bound=1 << 20)
    assert [seq for seq, _ in log.since(0)] == list(range(1, 50))
    assert replay(log) == [texts[-1]]
    assert replay(log, after=10, values=[texts[9]]) == [texts[-1]]


def test_the_bound_folds_the_oldest_and_keeps_the_value():
    log = UpdateLog()
    for n in range(1000):
        log.add_output([f"value {n} " * 10], 0.0, bound=4096)
    assert log.weight <= 4096
    assert log.folded > 0
    assert replay(log) == ["value 999 " * 10]


def test_progress_replaces_progress_but_not_facts():
    log = UpdateLog()
    log.add(Progress(({"index": 1},)))
    log.add(Progress(({"index": 2},)))
    log.add(LogLine("a"))
    log.add(LogLine("b"))
    log.add(Progress(({"index": 3},)))
    assert [seq for seq, _ in log.since(0)] == [2, 3, 4, 5]


@fault(
    kind="limit",
    given="a function or an app that reports progress with a long text and writes a log line, in turn, without end",
    before="the bound on a job's updates counted log lines only: 16,000 progresses stayed in memory, of any size",
    now="progress counts by its size, and the oldest updates go",
)
@pytest.mark.parametrize("report", ["progress", "title"])
def test_progress_and_titles_count_towards_the_bound(report):
    log, bound = UpdateLog(), 100_000
    text = "x" * 10_000
    for _ in range(100):
        if report == "progress":
            log.add_progress(({"desc": text},), bound=bound)
            line = LogLine("done")
        else:
            line = LogLine("done", title=text)
        log.add_line(line, bound=bound)
    kept = sum(isinstance(one, Progress) or len(one.title) == 10_000 for one in log.entries)
    assert 5 < kept < 10
    assert log.weight <= bound
