"""`POST calls`: several calls in one request, whose messages share one stream."""

from __future__ import annotations

import json
import time

import pytest

STREAM = {"accept": "text/event-stream"}


def entry(name, *data, **more):
    return {"name": name, "body": {"data": list(data)}, **more}


def submit(server, *calls, **headers):
    return server.http.post("/gradio_api/calls", json={"calls": list(calls)}, headers=headers)


def read(text):
    """The entries of the first event, and the messages with their ids."""
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.split("\n\n") if block]
    assert blocks[0]["event"] == "accepted"
    messages = [(json.loads(one["data"]), int(one["id"])) for one in blocks[1:] if "event" not in one]
    return json.loads(blocks[0]["data"]), messages


def ends(messages):
    return {one["event_id"]: one["output"] for one, _ in messages if one["msg"] == "process_completed"}


def test_each_call_has_its_own_answer(basic):
    answer = submit(basic, entry("greet", "Ann"), entry("gret", "x"), entry("add", "x"), entry("add", 1))
    assert answer.status_code == 200
    ann, unknown, wrong, total = answer.json()
    assert (unknown["status"], unknown["code"]) == (404, "not_found")
    assert (wrong["status"], wrong["code"], len(wrong["detail"])) == (422, "invalid_input", 1)
    assert json.loads(basic.events("greet", ann["event_id"])[-1][1]) == ["Hello Ann!"]
    assert json.loads(basic.events("add", total["event_id"])[-1][1]) == [3]


def test_one_stream_has_the_messages_of_all(basic):
    calls = [entry("greet", f"n{i}") for i in range(20)]
    entries, messages = read(submit(basic, *calls, entry("gret"), entry("count", "w", 5), **STREAM).text)
    assert [sorted(one) for one in entries] == [["event_id"]] * 20 + [["code", "detail", "status"]] + [["event_id"]]
    found = ends(messages)
    assert [found[one["event_id"]]["data"] for one in entries[:20]] == [[f"Hello n{i}!"] for i in range(20)]
    steps = [(one, number) for one, number in messages if one["event_id"] == entries[-1]["event_id"]]
    assert steps[-1][0]["output"]["data"] == ["w0 w1 w2 w3 w4"]
    rest = basic.http.get(
        f"/gradio_api/call/count/{entries[-1]['event_id']}?events=messages",
        headers={"last-event-id": str(steps[2][1])},
    )
    numbers = [int(line[4:]) for line in rest.text.split("\n") if line.startswith("id: ")]
    assert numbers == [number for _, number in steps[3:]]


def test_a_quick_call_does_not_wait_for_a_slow_one(basic):
    begun = time.monotonic()
    with basic.http.stream(
        "POST",
        "/gradio_api/calls",
        json={"calls": [entry("ablock", 3), entry("greet", "Ann")]},
        headers=STREAM,
    ) as answer:
        found = ""
        for text in answer.iter_text():
            found += text
            if "Hello Ann!" in found:
                break
        assert time.monotonic() - begun < 2
        assert '"finished"' not in found
    job = read(found[: found.rindex("\n\n")])[0][0]["event_id"]
    assert basic.http.get(f"/gradio_api/jobs/{job}").json()["state"] == "running"  # a dropped stream ends no call


def test_an_entry_is_the_call_that_it_would_have_been_by_itself(basic):
    """The same key and body are the same job, whichever way they come; keys are not shared between entries."""
    key = f"k{time.time()}"
    by_itself = basic.http.post(
        "/gradio_api/call/greet", content='{"data":["Ann"]}', headers={"idempotency-key": key, **JSON}
    ).json()["event_id"]
    one = entry("greet", "Ann", idempotency_key=key)
    body = json.dumps({"calls": [one, one, entry("greet", "Ann")]}, separators=(",", ":"))
    answer = basic.http.post("/gradio_api/calls", content=body, headers={"idempotency-key": "x", **JSON}).json()
    assert [found["event_id"] == by_itself for found in answer] == [True, True, False]
    conflict = submit(basic, entry("greet", "Bob", idempotency_key=key)).json()[0]
    assert (conflict["status"], conflict["code"]) == (409, "conflict")
    entries, messages = read(submit(basic, one, one, **STREAM).text)
    assert entries[0] == entries[1]
    assert [message["msg"] for message, _ in messages].count("process_completed") == 1


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (100, 200), (101, 422)])
def test_the_number_of_calls_is_bounded(basic, count, status):
    answer = submit(basic, *[entry("greet", "x")] * count)
    assert answer.status_code == status
    assert len(answer.json()) == count or "1 to 100" in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{}", 422),
        ('{"calls": 5}', 422),
        ('{"calls": [5]}', 422),
        ('{"calls": [{"name": "greet"}]}', 422),
        ('{"calls": [{"name": 5, "body": {}}]}', 422),
        ('{"calls": [', 422),
        (f'{{"calls": [{{"name": "greet", "body": {"[" * 70}{"]" * 70}}}]}}', 422),
        ('{"calls": [{"name": "greet", "body": 5}]}', 200),
        ('{"calls": [{"name": "greet", "body": {"data": ["x"]}, "retries": 11}]}', 200),
        ('{"calls": [{"name": "greet", "body": {"data": ["x"]}, "retries": -1}]}', 200),
        ('{"calls": [{"name": "greet", "body": {"data": ["x"]}, "idempotency_key": ""}]}', 200),
        ('{"calls": [{"name": "greet", "body": {"data": ["x"]}, "idempotency_key": "a\\r\\nb: c"}]}', 200),
    ],
)
def test_what_is_wrong_with_one_call_is_said_of_that_call(basic, body, status):
    answer = basic.http.post("/gradio_api/calls", content=body, headers=JSON)
    assert answer.status_code == status, answer.text
    assert status == 422 or answer.json()[0]["status"] == 422


def test_a_function_sees_the_request_of_its_call(serve, tmp_path):
    (tmp_path / "app.py").write_text(APP)
    server = serve(tmp_path / "app.py")
    headers = {"x-request-id": "mine", "idempotency-key": "all", **STREAM}
    entries, messages = read(submit(server, entry("seen", idempotency_key="one"), entry("seen"), **headers).text)
    found = ends(messages)
    first, second = (found[one["event_id"]]["data"][0] for one in entries)
    assert first == ["/gradio_api/call/seen", "mine", "one"]
    assert second == ["/gradio_api/call/seen", "mine", None]


APP = """
import spaceport as sp
space = sp.Space()
@space.api
def seen(request: sp.Request) -> list:
    headers = request.headers
    return ["/" + str(request.url).split("/", 3)[3], headers.get("x-request-id"), headers.get("idempotency-key")]
"""


def test_webhooks_belong_to_one_call(basic):
    answer = submit(basic, entry("greet", "x"), **{"spaceport-webhook": "https://example.com/"})
    assert answer.status_code == 422
    assert "POST call/{name}" in answer.json()["detail"]
