"""Streams of a hostile server, and the JavaScript client: each call ends soon, with an error that programs can read."""

from __future__ import annotations

import json
import re

import pytest

from tests.faults import fault
from tests.hostile import serving
from tests.hostile_frames import HARMLESS, QUEUE, TEXTS, Answers, failed, stream
from tests.js.programs import run
from tests.js.test_faults_hostile_server import CONFIG, INFO, OURS, document

END = failed({"error": "the end"})
CALLS = """
const c = await Client.connect(URL_);
const said = [];
const short = (value) => (typeof value === "string" ? value.slice(0, 1100) : value);
for (let n = 0; n < COUNT; n++) {
  const began = Date.now();
  const error = await c.predict("/f", ["x"]).then(() => null, (e) => e);
  const text = `${error}`.length;
  const texts = [error?.message, error?.title ?? ""].map(short);
  const shown = error && [error.name, error.code, ...texts, text, typeof error.stack];
  said.push([shown, error instanceof Error, Date.now() - began]);
}
c.close();
console.log(JSON.stringify([said, {}.polluted ?? null]));
"""


def errors_of(config, streams):
    """What the calls end with to which a server answers with these streams, one after the other."""
    call = Answers(streams)
    pages = {"/config": document(config), "/gradio_api/info": document(INFO)}
    with serving({**pages, "/gradio_api/call": call, "/gradio_api/queue": call}) as url:
        done = run("ours", CALLS.replace("COUNT", str(len(streams))), url)
    assert done.returncode == 0, done.stdout + done.stderr
    said, polluted = json.loads(done.stdout.splitlines()[-1])
    assert polluted is None
    for number, (shown, is_error, took_ms) in enumerate(said):
        assert is_error, (number, shown)
        name, code, message, title, _, stack = shown
        assert name.endswith("Error"), (number, shown)
        assert re.fullmatch("[a-z0-9_]{1,64}", code), (number, code)
        assert {type(message), type(title)} == {str}, (number, shown)
        assert len(title) <= 1000, number
        assert stack == "string", number
        assert took_ms < 10_000, number
    assert len(said) == len(streams)
    return [shown for shown, _, _ in said]


@fault(
    kind="client",
    given="errors whose code is an object or has megabytes, whose title is a list, or that have the fields `name`, "
    "`stack`, `toString` and `cause`, in JavaScript",
    before="the program's error had them: `error.code` was an object, and printing the error threw a TypeError",
    now="a code has the form of a code, a title is text, and what an error is by itself the server does not say",
)
@pytest.mark.parametrize("config", [CONFIG, OURS], ids=["queue", "own stream"])
def test_messages_that_end_a_call(config):
    errors_of(config, [stream(one, END) for one in QUEUE])


@pytest.mark.parametrize("config", [CONFIG, OURS], ids=["queue", "own stream"])
def test_messages_before_the_end(config):
    found = errors_of(config, [stream(one, END) for one in HARMLESS])
    assert {name for name, *_ in found} <= {"AppError", "ServerError", "JobLostError"}
    assert sum(message == "the end" for _, _, message, *_ in found) > 20


@pytest.mark.parametrize("config", [CONFIG, OURS], ids=["queue", "own stream"])
def test_what_is_no_message_at_all(config):
    found = errors_of(config, [stream(one, END) for one in TEXTS if one.strip()])
    assert {name for name, *_ in found} <= {"ServerError", "JobLostError", "AppError"}
