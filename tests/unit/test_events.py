"""Frames of a session stream: what edits become when several steps are written together."""

from __future__ import annotations

import json

from spaceport.api.events import SessionCursor
from spaceport.engine import Job
from spaceport.wire.diff import apply

STEPS = [[{"a": [1]}], [{"a": [1, 2]}], [{"a": [1, 2, 3], "b": 1}]]


def generating(cursor):
    return [json.loads(line[6:])["output"]["data"] for line in cursor.read().decode().split("\n\n") if line]


def test_steps_written_together_are_whole_values():
    job = Job("1", "f", None)
    for values in STEPS:
        job.log.add_output(values, 0.0, bound=1 << 20)
    first, *rest = generating(SessionCursor(job, show_error=True, average_s=None))
    assert first == STEPS[0]
    assert rest == [[[["replace", [], values[0]]]] for values in STEPS[1:]]


def test_steps_written_one_by_one_are_edits():
    job = Job("1", "f", None)
    cursor = SessionCursor(job, show_error=True, average_s=None)
    seen = []
    for values in STEPS:
        job.log.add_output(values, 0.0, bound=1 << 20)
        seen += generating(cursor)
    assert seen[0] == STEPS[0]
    assert all(edits[0][0][1] for edits in seen[1:]), "paths into the value"
    assert apply(apply(seen[0][0], seen[1][0]), seen[2][0]) == STEPS[2][0]


def test_large_values_stay_edits_so_that_catching_up_is_linear():
    job = Job("1", "f", None)
    for n in range(1, 200):
        job.log.add_output([["x" * 2000] * n], 0.0, bound=1 << 30)
    assert len(SessionCursor(job, show_error=True, average_s=None).read()) < 1 << 20
