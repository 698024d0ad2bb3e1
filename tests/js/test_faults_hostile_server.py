"""What a hostile server may do to a program that uses the JavaScript client."""

from __future__ import annotations

import json
import time

import pytest

from tests.faults import fault
from tests.hostile import serving
from tests.js.programs import DIST, run

CONFIG = {
    "version": "6.0.0",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "app_id": 1,
    "components": [{"id": 1, "type": "textbox", "props": {}}],
    "dependencies": [{"id": 0, "api_name": "f", "inputs": [1], "outputs": [1], "queue": True}],
}
PARAMETERS = [
    {
        "parameter_name": name,
        "parameter_has_default": True,
        "parameter_default": name,
        "type": {"type": "string"},
        "python_type": {"type": "str"},
        "component": "Textbox",
        "label": name,
    }
    for name in ("constructor", "__proto__")
]
INFO = {"named_endpoints": {"/f": {"parameters": PARAMETERS[:1], "returns": []}}, "unnamed_endpoints": {}}
OURS = {**CONFIG, "spaceport": {"features": ["messages"]}}
CALL = """
const started = Date.now();
const said = await Client.connect(URL_).then(async (c) => {
  const end = await c.predict("/f", ["x"]).then((m) => m.data, (e) => [e.name, e.code]);
  c.close();
  return end;
}, (e) => [e.name, e.code]);
console.log(JSON.stringify([said, Date.now() - started]));
"""


def said(url, program=CALL):
    done = run("ours", program, url)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def stream(*events):
    text = "".join(f"{event}\n\n" for event in events)
    return 200, {"content-type": "text/event-stream"}, text.encode()


def document(value):
    return 200, {"content-type": "application/json"}, json.dumps(value).encode()


@fault(
    kind="client",
    given="a job that the server does not have any more: `event: error`, `404: Not Found` in a stream of status 200",
    before="the JavaScript client asked again for two minutes",
    now="a `JobLostError` at once; the Python client too",
)
def test_a_job_that_the_server_does_not_have_is_lost():
    def call(path, _):
        if path.startswith("/gradio_api/call/f?"):
            return stream('id: 1\ndata: {"msg":"process_starts","event_id":"e1"}')
        return stream('event: error\ndata: "404: Not Found"')

    with serving({"/config": document(OURS), "/gradio_api/info": document(INFO), "/gradio_api/call": call}) as url:
        (name, code), took = said(url)
    assert (name, code) == ("JobLostError", "session_lost")
    assert took < 5000


@pytest.mark.parametrize(
    "events",
    [
        ["data: no json"],
        ["data: null"],
        ["data: 5"],
        ['data: {"msg":"process_completed","event_id":"e1","output":"x","success":true}'],
        ['data: {"msg":"process_generating","event_id":"e1","output":{"data":[[]]}}',
         'data: {"msg":"process_generating","event_id":"e1","output":{"data":[null]}}'],
        ['data: {"msg":"log","event_id":"e1","log":{"toString":1}}'],
    ],
)  # fmt: skip
@fault(
    kind="client",
    given="a stream with messages that are no JSON, no objects, or have fields of other types, in JavaScript",
    before="the call was asked for again for two minutes; a `TypeError`",
    now="a `ServerError` at once",
)
def test_a_malformed_message_ends_the_call(events):
    pages = {
        "/config": document(OURS),
        "/gradio_api/info": document(INFO),
        "/gradio_api/call": lambda path, body: stream('data: {"msg":"process_starts","event_id":"e1"}', *events),
    }
    with serving(pages) as url:
        (name, _), took = said(url)
    assert name == "ServerError"
    assert took < 5000


@pytest.mark.parametrize(
    "config",
    [
        {**CONFIG, "dependencies": [None]},
        {**CONFIG, "dependencies": [{"id": 0, "api_name": "f"}]},
        {**CONFIG, "components": None},
        {**CONFIG, "api_prefix": {"a": 1}},
        5,
        None,
    ],
)
@fault(
    kind="client",
    given="a `/config` or `/info` with other types than it has, in JavaScript",
    before="`TypeError: Cannot read properties of null`",
    now="a `ServerError`",
)
def test_a_malformed_config_is_an_error_of_the_server(config):
    with serving({"/config": document(config), "/gradio_api/info": document(INFO)}) as url:
        assert said(url)[0][0] == "ServerError"


@pytest.mark.parametrize("info", [None, {"named_endpoints": {"/f": {}}}, {"named_endpoints": {"/f": None}}])
def test_a_malformed_info_is_an_error_of_the_server(info):
    with serving({"/config": document(CONFIG), "/gradio_api/info": document(info)}) as url:
        assert said(url)[0][0] == "ServerError"


@fault(
    kind="limit",
    given="a `/config`, a description or an error of a server without end, for the JavaScript client",
    before="all of it was kept in memory",
    now="a `ServerError` above 128 million characters",
)
def test_a_response_that_is_read_whole_has_a_limit():
    with serving({"/config": (200, {}, b" " * (1 << 20), 140)}) as url:
        assert said(url)[0][0] == "ServerError"


@fault(
    kind="client",
    given="`Retry-After: 1e9` of a server, for both clients",
    before="the JavaScript client asked again without any pause, the Python client never again",
    now="the longest pause is 30 s",
)
def test_a_pause_that_the_server_asks_for_is_bounded():
    asked = []

    def call(path, _):
        asked.append(path)
        return 503, {"retry-after": "1e9"}, b"{}"

    pages = {"/config": document(OURS), "/gradio_api/info": document(INFO), "/gradio_api/call": call}
    program = """
    const c = await Client.connect(URL_);
    void c.predict("/f", ["x"]).catch(() => {});
    await new Promise((done) => setTimeout(done, 1500));
    console.log("[]");
    """
    with serving(pages) as url:
        said(url, program)
    assert len(asked) == 1


@fault(
    kind="client",
    given="edits of a stream that name `__proto__`, or a place far outside of a list, in JavaScript",
    before="a value with fields that were not in it; a list of 4 billion places",
    now="a `ServerError`",
)
def test_edits_touch_what_is_there():
    program = """
    const { apply } = await import(URL_);
    const taken = (value, path) => {
      try { apply(value, [["replace", path, 1]]); return "taken"; } catch (e) { return e.name; }
    };
    const lists = [4294967290, "length", 2, 1, 0].map((at) => taken([1], [at]));
    console.log(JSON.stringify([...lists, taken({}, ["__proto__", "admin"]), taken({}, ["proto", "admin"])]));
    """
    found = said((DIST / "diff.js").as_uri(), program)
    assert found == ["RangeError", "RangeError", "RangeError", "taken", "taken", "RangeError", "taken"]


@fault(
    kind="client",
    given="parameters that are called `constructor` or `__proto__`, and arguments by name, in JavaScript",
    before="what all objects inherit was sent in place of the default",
    now="the default",
)
def test_inherited_names_are_no_arguments():
    bodies = []

    def call(_, body):
        bodies.append(json.loads(body))
        return stream('data: {"msg":"process_completed","event_id":"e","output":{"data":["ok"]},"success":true}')

    dependency = {**OURS["dependencies"][0], "inputs": [1, 1]}
    info = {"named_endpoints": {"/f": {"parameters": PARAMETERS, "returns": []}}, "unnamed_endpoints": {}}
    pages = {
        "/config": document({**OURS, "dependencies": [dependency]}),
        "/gradio_api/info": document(info),
        "/gradio_api/call": call,
    }
    with serving(pages) as url:
        assert said(url, CALL.replace('["x"]', "{}"))[0] == ["ok"]
    assert bodies[0]["data"] == ["constructor", "__proto__"]


@fault(
    kind="limit",
    given="a server that sets new cookies with each response, for the JavaScript client in Node",
    before="all were kept and sent: the requests grew until servers refused them; a cookie could not be removed",
    now="8,192 characters are kept; `Max-Age=0` removes",
)
def test_cookies_of_a_server_are_bounded():
    seen = []

    def page(value):
        def answer(path, _, headers):
            seen.append(headers.get("cookie", ""))
            number = len(seen)
            cookies = [f"c{number}-{i}={'x' * 1000}" for i in range(10)] + ["gone=1", "gone=; Max-Age=0", "stays=1"]
            return 200, [("set-cookie", one) for one in cookies], json.dumps(value).encode()

        return answer

    with serving({"/config": page(CONFIG), "/gradio_api/info": page(INFO), "/gradio_api/app_id": page({})}) as url:
        said(
            url,
            """
        const c = await Client.connect(URL_);
        await c.reconnect();
        console.log("[]");
        c.close();
        """,
        )
    assert 6000 < len(seen[-1]) < 8400
    assert "gone" not in seen[-1]


@fault(
    kind="client",
    given="the id of a job that is a path: `../../other`, in JavaScript",
    before="later requests of the call, with the program's token, went to another path of the server",
    now="the id is one part of the path",
)
def test_an_id_of_a_job_is_no_path():
    paths = []

    def call(path, _):
        paths.append(path)
        if len(paths) == 1:
            return stream('data: {"msg":"process_starts","event_id":"../../../other?"}')
        return stream('data: {"msg":"process_completed","event_id":"e","output":{"data":["ok"]},"success":true}')

    with serving({"/config": document(OURS), "/gradio_api/info": document(INFO), "/": call}) as url:
        said(url)
    assert paths[1] == "/gradio_api/call/f/..%2F..%2F..%2Fother%3F?events=messages"


@fault(
    kind="parser",
    given="a queue of a hostile server with 30,000 messages for a call that was not made, in JavaScript",
    before="each message copied all before it",
    now="10,000 are kept, while a call is being made",
)
def test_messages_of_unknown_calls_cost_little():
    messages = ['data: {"msg":"estimation","event_id":"x","queue_size":1}'] * 30_000
    end = 'data: {"msg":"process_completed","event_id":"e","output":{"data":["ok"]},"success":true}'
    pages = {
        "/config": document(CONFIG),
        "/gradio_api/info": document(INFO),
        "/gradio_api/queue/join": document({"event_id": "e"}),
        "/gradio_api/queue/data": lambda path, body: stream(*messages, end),
    }
    started = time.monotonic()
    with serving(pages) as url:
        assert said(url)[0] == ["ok"]
    assert time.monotonic() - started < 20
