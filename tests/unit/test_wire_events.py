"""What messages of event streams mean, on either wire; and that what has another form is one kind of error."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faults import fault

from spaceport.client.core.run import Run
from spaceport.client.errors import AppError, ServerError
from spaceport.wire import diff, events
from spaceport.wire.diff import InvalidEdits, apply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        "rank queue_size eta rank_eta progress_data log level duration visible title output success message "  # noqa: SIM905
        "session_not_found state error code request_id".split()
    ),
    JSON
    | st.fixed_dictionaries({}, optional={"data": JSON, "error": JSON, "duration": JSON, "changed_state_ids": JSON}),
)
EDIT = st.tuples(
    st.sampled_from(["replace", "append", "add", "delete"]),
    st.lists(st.integers(-2, 2) | st.text(max_size=1), max_size=3),
    JSON,
)
MESSAGE_KINDS = ["estimation", "process_starts", "progress", "log", "process_generating", "process_streaming"]
MESSAGE_KINDS += ["process_completed", "unexpected_error", "close_stream", "heartbeat", "else"]
EVENT_KINDS = ["status", "progress", "log", "generating", "edits", "complete", "error", "heartbeat", "else"]


def message(kind, edits=False, **fields):
    return events.parse(json.dumps({"msg": kind, "event_id": "e", **fields})).decode(edits=edits)


def event(kind, data):
    return events.decode(kind, json.dumps(data))


UNIT = {"index": 1, "length": 2, "unit": "steps", "progress": None, "desc": None}


@pytest.mark.parametrize(
    ("of_message", "of_event"),
    [
        (
            message("estimation", rank=1, queue_size=2, rank_eta=0.5),
            event("status", {"state": "queued", "rank": 1, "queue_size": 2, "eta": 0.5}),
        ),
        (message("process_starts", eta=None), event("status", {"state": "running", "attempt": 1, "eta": None})),
        (message("process_generating", output={"data": [1]}), event("generating", [1])),
        (message("process_streaming", edits=True, output={"data": [1]}), event("generating", [1])),
        (
            message("process_generating", edits=True, output={"data": [[["append", ["a", 0], "x"]]]}),
            event("edits", [[["append", ["a", 0], "x"]]]),
        ),
        (message("progress", progress_data=[UNIT]), event("progress", [UNIT])),
        (
            message("progress", progress_data=[{**UNIT, "new": 1}]),
            event("progress", [{"index": 1, "length": 2, "unit": "steps"}]),
        ),
        (message("log", log="x", level="info"), event("log", {"log": "x", "level": "info", "title": "Info"})),
        (message("process_completed", output={"data": ["x"]}, success=True), event("complete", ["x"])),
        (
            message("process_completed", output={"error": "x", "title": "T"}, success=False, code="a", request_id="r"),
            event("error", {"error": "x", "title": "T", "code": "a", "request_id": "r"}),
        ),
        (message("unexpected_error", message=events.STOPPED), event("error", events.STOPPED)),
        (message("heartbeat"), event("heartbeat", None)),
        (message("of a later version"), event("of a later version", {})),
    ],
)
def test_both_wires_say_the_same(of_message, of_event):
    assert of_message == of_event


def test_the_end_of_a_cancelled_call_has_no_data():
    assert message("process_completed", output={}, success=True) == events.Cancelled()


def test_an_error_keeps_fields_that_are_not_known():
    found = message("process_completed", output={"error": None, "new": 7}, success=False, title="Error")
    assert (found.text, found.more, found.shown, found.code) == (None, {"new": 7}, False, None)


def test_a_message_that_belongs_to_no_call():
    assert events.parse('{"msg": "close_stream", "event_id": null}').event_id is None
    assert events.parse('{"event_id": 5}') == events.Message("", None, {"event_id": 5})


def test_what_only_other_encoders_write_is_read():
    """NaN and Infinity (Python's own encoder), halves of characters, numbers of any size."""
    values = events.decode("complete", '[NaN, "\\ud800", 1e999, 123456789012345678901]').values
    assert values[0] != values[0]
    assert values[1:] == ["\ud800", float("inf"), 123456789012345678901]


@fault(
    kind="parser",
    given="a message of an app whose fields have other types than they should: any JSON in any field",
    before="some ended the reader in an error of their own kind, some only failed later, when the caller's stream was "
    "written (a progress bar with an unknown field), or were tried again for seconds (text for a rank)",
    now="the decoder of both wires gives checked fields, or one kind of error",
)
@given(st.sampled_from(MESSAGE_KINDS), FIELDS, st.booleans())
def test_a_malformed_message_is_one_kind_of_error(kind, fields, edits):
    with contextlib.suppress(events.MalformedMessage):
        message(kind, edits, **fields)


@given(st.sampled_from(EVENT_KINDS), JSON | FIELDS)
def test_a_malformed_event_is_one_kind_of_error(kind, data):
    with contextlib.suppress(events.MalformedMessage):
        event(kind, data)


@pytest.mark.parametrize("text", ["", "[1]", "nul", '"x"', "5", "[" * 100_000, "\x00"])
def test_what_is_no_message(text):
    with pytest.raises(events.MalformedMessage):
        events.parse(text)


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 5000, "1e999", "NaN"])
@pytest.mark.parametrize("name", ["rank", "eta", "queue_size", "log", "error", "duration", "desc"])
def test_numbers_of_any_size(name, number):
    fields = f'{{"{name}": {number}, "state": "queued", "level": "x"}}'
    for kind in ("status", "log", "error", "progress"):
        with contextlib.suppress(events.MalformedMessage):
            events.decode(kind, f"[{fields}]" if kind == "progress" else fields)


def test_bounds_of_progress():
    bars = [{**UNIT, "desc": "x" * 1001}] * (events.MAX_UNITS + 1)
    for found in (event("progress", bars), message("progress", progress_data=bars)):
        assert len(found.units) == events.MAX_UNITS
        assert {len(one["desc"]) for one in found.units} == {events.MAX_LABEL}
    assert len(event("progress", bars[: events.MAX_UNITS]).units) == events.MAX_UNITS


class TestEdits:
    """Edits of a hostile app."""

    @pytest.mark.parametrize(
        ("value", "edit"),
        [
            ([1], ["replace", [5], 0]),
            ([1], ["delete", [1], None]),
            ([1], ["replace", ["a"], 0]),
            ({}, ["append", ["a"], "x"]),
            ({"a": 1}, ["append", ["a"], "x"]),
            (1, ["append", [], "x"]),
            ("text", ["replace", [0], "x"]),
            (None, ["add", ["a"], 1]),
            ({"a": {}}, ["add", ["a", "b", "c"], 1]),
            ([], ["add", [10**30], 1]),
            ([], ["add", [-(10**30)], 1]),
        ],
    )
    def test_edits_that_do_not_fit(self, value, edit):
        with pytest.raises(InvalidEdits):
            apply(value, [edit])

    @given(JSON, st.lists(EDIT, max_size=4))
    def test_edits_of_any_form_are_applied_or_refused(self, value, edits):
        before = json.dumps(value)
        with contextlib.suppress(InvalidEdits):
            apply(value, edits)
        assert json.dumps(value) == before

    def test_a_value_of_an_edit_is_not_changed_by_the_next(self):
        inner = {"a": 1}
        assert apply([], [["add", [0], inner], ["replace", [0, "a"], 2]]) == [{"a": 2}]
        assert inner == {"a": 1}

    @fault(
        kind="parser",
        given="an app's step with 100,000 edits of a list of 100,000 numbers, or of one text",
        before="each edit copied the list or the text: 40 s in which the hub did nothing else",
        now="a container is copied once a step; edits that move more than 256 MB are refused",
    )
    def test_many_edits_cost_linear_time(self):
        numbers = list(range(100_000))
        started = time.process_time()
        changed = apply(numbers, [["replace", [at], 0] for at in range(100_000)])
        assert time.process_time() - started < 5
        assert not any(changed)
        assert numbers[-1] == 99_999

    @pytest.mark.parametrize("over", [0, 1])
    @pytest.mark.parametrize(
        ("value", "edit", "cost"),
        [
            ([0] * 1000, ["delete", [0], None], 8 * 999),
            ("x" * 1000, ["append", [], ""], 1000),
            (["x" * 1000], ["append", [0], ""], 1000),
        ],
    )
    def test_what_edits_may_move_is_bounded(self, monkeypatch, value, edit, cost, over):
        monkeypatch.setattr(diff, "_MAX_MOVED", cost - over)
        if over:
            with pytest.raises(InvalidEdits, match="too much"):
                apply(value, [edit])
        else:
            apply(value, [edit])


class TestRun:
    """In the client a malformed message ends its call."""

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("progress", "5"),
            ("log", "null"),
            ("generating", "{}"),
            ("edits", '[[["replace", [9], 1]]]'),
            ("status", "x"),
        ],
    )
    def test_a_malformed_event_ends_the_call(self, kind, data):
        run = Run(None, "sse_v3")
        run.event("generating", "[[1]]", resumes=True)
        run.event(kind, data, resumes=True)
        assert isinstance(run.error, ServerError)
        assert run.event("complete", "[1]", resumes=True) == []

    def test_an_error_with_a_field_of_the_constructors(self):
        run = Run(None, "sse_v3")
        run.event("error", '{"error": "x", "message": "y", "self": 1, "print_exception": false}', resumes=True)
        assert isinstance(run.error, AppError)
        assert (run.error.message, run.error.print_exception) == ("x", False)
        assert run.error.more == {"message": "y", "self": 1}

    def test_a_server_that_stops_ends_only_a_call_that_cannot_be_resumed(self):
        for resumes in (True, False):
            run = Run(None, "sse_v3")
            run.event("error", json.dumps(events.STOPPED), resumes=resumes)
            assert run.ended is not resumes
