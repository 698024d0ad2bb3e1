"""Inputs that once went wrong at a Space's API, sent to a real server."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from tests.conftest import APPS, Server
from tests.faults import fault

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def basic(tmp_path_factory):
    server = Server(APPS / "basic.py", tmp_path_factory.mktemp("basic"), {"SPACEPORT_BODY_TIMEOUT_S": "1"})
    yield server
    server.stop()
    assert "Traceback" not in server.output, server.output


def raw(server, text: bytes, wait_s: float = 5.0) -> bytes:
    """Send bytes as they are; what comes back until the server closes, or for some time."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), wait_s) as line:
        line.sendall(text)
        found = b""
        try:
            while piece := line.recv(65536):
                found += piece
                if b"\r\n\r\n" in found:
                    break
        except TimeoutError:
            pass
        return found


@fault(
    kind="origin",
    given="`fetch(…, {mode: 'no-cors', headers: {'content-type': 'text/plain;json=1'}})` from a page of any origin",
    before="200: `json` anywhere in the header was taken for JSON, and nobody looked at `Origin`",
    now="403 for the origin, 422 for the media type",
)
@pytest.mark.parametrize("kind", ["text/plain;json=1", "text/json", "application/x-json", "json", "a/json", ""])
def test_json_is_read_by_its_real_media_type(basic, kind):
    headers = {"content-type": kind} if kind else {}
    answer = basic.http.post("/gradio_api/call/greet", content=b'{"data": ["a"]}', headers=headers)
    assert answer.status_code == 422, answer.text
    assert "application/json" in answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/ld+json"]
)
def test_json_under_its_own_names(basic, kind):
    answer = basic.http.post("/gradio_api/call/greet", content=b'{"data": ["a"]}', headers={"content-type": kind})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", ["call/greet", "run/greet", "queue/join", "upload", "tus", "cancel", "snippets"])
def test_a_foreign_page_sends_nothing_unsafe(basic, path):
    for origin in ("https://evil.example", "null"):
        answer = basic.http.post(f"/gradio_api/{path}", json={"data": ["a"]}, headers={"origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "access-control-allow-origin" not in answer.headers
    own = basic.http.post("/gradio_api/run/greet", json={"data": ["a"]}, headers={"origin": basic.url})
    assert own.status_code == 200


def test_a_server_on_a_loopback_address_answers_no_other_name(basic):
    answer = basic.http.get("/config", headers={"host": "evil.example", "origin": "http://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "misdirected")
    assert "access-control-allow-origin" not in answer.headers
    for host in ("localhost:1", "127.0.0.1", "ann-x.localhost"):
        assert basic.http.get("/config", headers={"host": host}).status_code == 200


def test_two_host_headers(basic):
    head = b"GET /config HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert raw(basic, head).startswith(b"HTTP/1.1 400")


@fault(
    kind="limit",
    given="the head of a request with `Content-Length: 10`, and nothing of its body",
    before="the server waited for ever: the clock ran between the pieces of a body, not before the first",
    now="408 after SPACEPORT_BODY_TIMEOUT_S",
)
@pytest.mark.parametrize("first", [b"", b"{"])
def test_a_body_that_never_comes(basic, first):
    start = time.monotonic()
    lines = ["POST /gradio_api/call/greet HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    head = "\r\n".join([*lines, "Content-Length: 10", "", ""]).encode()
    assert raw(basic, head + first, 15.0).startswith(b"HTTP/1.1 408")
    assert 0.9 < time.monotonic() - start < 10


@fault(
    kind="call",
    given="`POST upload` with the field named `file`",
    before="200 and `[]`",
    now="422: the field is called `files`",
)
@pytest.mark.parametrize("field", ["file", "upload", "files[]", "FILES"])
def test_an_upload_in_a_field_of_another_name(basic, field):
    answer = basic.http.post("/gradio_api/upload", files={field: ("a.txt", b"abc")})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "`files`" in answer.json()["detail"][0]["msg"]
    both = basic.http.post("/gradio_api/upload", files={field: ("a.txt", b"abc"), "files": ("b.txt", b"abc")})
    assert (both.status_code, len(both.json())) == (200, 1)


@fault(
    kind="call",
    given="`POST upload` with a form that has no parts",
    before="200 and `[]`",
    now="422: the field is called `files`",
)
def test_an_upload_without_parts(basic):
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = basic.http.post("/gradio_api/upload", content=b"--b--\r\n", headers=kind)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "The field is called `files`: send" in answer.json()["detail"][0]["msg"]


@fault(
    kind="call",
    given="a whole number above 64 bits among the arguments",
    before="500",
    now="422 that says so",
)
@pytest.mark.parametrize(
    ("number", "status"), [(2**64 - 1, 200), (-(2**63), 200), (2**64, 422), (-(2**63) - 1, 422), (10**400, 422)]
)
def test_whole_numbers_up_to_64_bits(basic, number, status):
    body = b'{"data": [%d]}' % number
    answer = basic.http.post("/gradio_api/call/add", content=body, headers=JSON)
    assert answer.status_code == status, answer.text


def test_deep_json_is_refused(basic):
    deep = b'{"data": [' + b"[" * 5000 + b"]" * 5000 + b"]}"
    for path in (
        "call/greet",
        "call/v2/greet",
        "run/greet",
        "queue/join",
        "cancel",
        "reset",
        "snippets",
        "check/greet",
    ):
        answer = basic.http.post(f"/gradio_api/{path}", content=deep, headers=JSON)
        assert answer.status_code == 422, path


@fault(
    kind="limit",
    given="3 MB of unknown argument names",
    before="49 MB of problems, one for each name",
    now="an answer of at most a few kB that names the first",
)
@pytest.mark.parametrize("count", [50, 200, 200_000])
def test_unknown_arguments_are_answered_briefly(basic, count):
    names = ",".join(f'"unknown{n}":1' for n in range(count))
    answer = basic.http.post("/gradio_api/call/v2/greet", content=f"{{{names}}}".encode(), headers=JSON)
    assert answer.status_code == 422
    assert len(answer.content) < 64_000
    assert "unknown0" in answer.text


def test_one_long_unknown_name_is_answered_briefly(basic):
    body = b'{"' + b"n" * 3_000_000 + b'": 1}'
    answer = basic.http.post("/gradio_api/call/v2/greet", content=body, headers=JSON)
    assert answer.status_code == 422
    assert len(answer.content) < 2000


@fault(
    kind="quoting",
    given="a `Host` header with a backquote or `$(` in it",
    before="it stood unquoted in the commands of agents.md",
    now="a placeholder stands there",
)
@pytest.mark.parametrize("path", ["agents.md", "llms.txt"])
def test_a_host_that_needs_quoting_stands_in_no_command(basic, path):
    for host in (b"`id`", b"$(id)", b'a"b', b"a'b", b"a;b"):
        found = raw(basic, b"GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path.encode(), host))
        assert host not in found
    assert basic.url in basic.http.get(f"/{path}").text


@fault(
    kind="access",
    given="two callers without a name who both send `Idempotency-Key: 1`",
    before="409 for the second, or the first one's job",
    now="each has its own job: a short key counts with the session, else with the address",
)
def test_strangers_do_not_share_an_idempotency_key(basic):
    def call(text, address=None, key="1", **body):
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(base_url=basic.url, transport=transport) as client:
            return client.post(
                "/gradio_api/call/greet", json={"data": [text], **body}, headers={"idempotency-key": key}
            )

    first = call("a").json()["event_id"]
    assert call("a").json()["event_id"] == first
    assert call("b").status_code == 409
    assert call("b", "127.0.0.2").status_code == 200
    assert call("a", "127.0.0.3").json()["event_id"] != first
    assert call("b", session_hash="one").json()["event_id"] != call("b", session_hash="two").json()["event_id"]
    random = "9b2f6c1e-5d2a-4c53-9f4e-0a1b2c3d4e5f"
    assert call("a", key=random).json() == call("a", "127.0.0.2", key=random).json()


@fault(
    kind="access",
    given="a caller who names his session `address:127.0.0.1`, or has line ends or NUL in it or in his key",
    before="he had the key of the anonymous caller at that address: its job for the same body, 409 for him otherwise",
    now="keys of sessions and of addresses are apart; a key of other signs or lengths is refused",
)
def test_a_session_is_no_address(basic):
    def call(text, key="7", **body):
        headers = {"idempotency-key": key}
        return basic.http.post("/gradio_api/call/greet", json={"data": [text], **body}, headers=headers)

    first = call("a").json()["event_id"]
    for session in ("address:127.0.0.1", "\0", "address:127.0.0.1\0greet\0007", "\r\nx: y"):
        assert call("b", session_hash=session).status_code == 200
        assert call("a", key="8", session_hash=session).json()["event_id"] != first
    assert call("a").json()["event_id"] == first
    assert [call("a", key="k" * size).status_code for size in (0, 255, 256)] == [422, 200, 422]


@pytest.mark.parametrize("sign", [b"\0", b"\x01", b"\x7f", b"\x1b[31m", b"\r", b"\n", b"\r\nidempotency-key: 2"])
def test_keys_with_control_characters(basic, sign):
    body = b'{"data": ["a"]}'
    head = b"POST /gradio_api/call/greet HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    found = raw(basic, head + b"Idempotency-Key: 1%s1\r\nContent-Length: %d\r\n\r\n%s" % (sign, len(body), body))
    assert int(found.split()[1]) in (400, 422), found


@fault(
    kind="call",
    given="the error of a job on any kind of stream, of an interrupted one too",
    before="a text alone on the streams of `call` and `queue/data`: a program could not tell one from the other",
    now="`code` and `request_id` beside Gradio's fields",
)
@pytest.mark.parametrize("events", ["", "?events=all", "?events=edits", "?events=messages"])
def test_every_error_event_has_its_code_and_request(basic, events):
    headers = {"accept": "text/event-stream", "x-request-id": "request-1"}
    answer = basic.http.post(f"/gradio_api/call/shown_error{events}", json={"data": ["x"]}, headers=headers)
    last = json.loads([line for line in answer.text.splitlines() if line.startswith("data: ")][-1][6:])
    assert (last["code"], last["request_id"]) == ("function_failed", "request-1")
    again = basic.http.get(f"/gradio_api/call/shown_error/{answer.headers['x-spaceport-job']}{events}")
    assert '"code":"function_failed"' in again.text


def test_the_end_of_a_failed_job_in_a_session_has_its_code(basic):
    config = basic.http.get("/config").json()["dependencies"]
    index = next(one["id"] for one in config if one["api_name"] == "shown_error")
    body = {"data": ["x"], "fn_index": index, "session_hash": "coded"}
    assert (
        basic.http.post("/gradio_api/queue/join", json=body, headers={"x-request-id": "request-2"}).status_code == 200
    )
    lines = basic.http.get("/gradio_api/queue/data?session_hash=coded").text.splitlines()
    (end,) = [json.loads(line[6:]) for line in lines if '"process_completed"' in line]
    assert (end["code"], end["request_id"]) == ("function_failed", "request-2")
    assert set(end["output"]) <= {"error", "duration", "visible", "title"}, "gradio_client rejects other keys"


def test_an_interrupted_job_says_so(serve):
    server = serve("chaos")
    job = server.http.post("/gradio_api/call/slow", json={"data": ["x"]}).json()["event_id"]
    while server.http.get(f"/gradio_api/jobs/{job}").json()["state"] != "running":
        time.sleep(0.02)
    server.kill()
    server.start()
    found = server.http.get(f"/gradio_api/call/slow/{job}").text
    assert "event: error" in found
    assert '"code":"interrupted"' in found


@fault(
    kind="call",
    given="a job whose server was killed and started again: the error's `request_id`",
    before="null: the journal did not keep it, and the log could not be searched for it",
    now="the id of the request that submitted the job",
)
def test_an_interrupted_job_has_its_request_id(serve):
    server = serve("chaos")
    headers = {"x-request-id": "request-3"}
    job = server.http.post("/gradio_api/call/slow", json={"data": ["x"]}, headers=headers).json()["event_id"]
    while server.http.get(f"/gradio_api/jobs/{job}").json()["state"] != "running":
        time.sleep(0.02)
    server.kill()
    for _ in range(2):  # found in memory, then in the journal
        server.start()
        found = server.http.get(f"/gradio_api/call/slow/{job}").text
        assert '"code":"interrupted","request_id":"request-3"' in found
        server.kill()


@fault(
    kind="call",
    given="the 500 body of `run/`, and the frames of `queue/data` for a server that stops or a session that is unknown",
    before="Gradio's fields alone",
    now="`code` beside them, of which both of Gradio's clients read nothing; `request_id` where there is a job",
)
def test_errors_of_direct_calls_and_of_unknown_sessions_have_a_code(basic):
    answer = basic.http.post("/gradio_api/run/shown_error", json={"data": ["x"]}, headers={"x-request-id": "request-4"})
    assert answer.status_code == 500
    found = answer.json()
    assert (found.pop("code"), found.pop("request_id")) == ("function_failed", "request-4")
    assert set(found) == {"error", "duration", "visible", "title"}
    (line,) = basic.http.get("/gradio_api/queue/data?session_hash=nobody").text.split("\n\n")[:1]
    assert json.loads(line[6:]) == {
        "msg": "unexpected_error",
        "event_id": None,
        "message": "404: Not Found",
        "session_not_found": True,
        "success": False,
        "code": "session_lost",
    }
