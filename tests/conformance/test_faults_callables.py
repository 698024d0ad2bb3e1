"""What authors give as functions: every kind of parameter and of callable works, or is refused when the file loads."""

from __future__ import annotations

import functools
import importlib.util

import httpx
import pytest
from tests.conftest import APPS, Server
from tests.faults import fault

import spaceport as sp


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    found = Server(APPS / "callables.py:space", tmp_path_factory.mktemp("callables"), {})
    yield found
    found.kill()


def run(server, endpoint, **arguments):
    answer = server.http.post(f"/gradio_api/call/{endpoint}", json=arguments, headers={"prefer": "wait"})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]


@fault(
    kind="call",
    given="`def f(prompt: str, *, steps: int = 5)`; async, generators, methods, Request or Progress after `*`",
    before="every call `function_failed`",
    now="works",
)
@pytest.mark.parametrize(
    ("endpoint", "arguments", "expected"),
    [
        ("keyword", {"prompt": "x"}, "x 5"),
        ("keyword", {"prompt": "x", "steps": 7}, "x 7"),
        ("only_keywords", {"a": 1}, 12),
        ("only_keywords", {"b": 3, "a": 1}, 13),
        ("async_keyword", {"prompt": "x", "steps": 7}, "x 7"),
        ("stream", {"prompt": "x", "steps": 3}, "x 2"),
        ("async_stream", {"prompt": "x"}, "x 1"),
        ("filled", {"prompt": "x", "steps": 1}, "x 1 POST"),
        ("positional", {"a": 1, "b": 2}, "1 2 () 3 {}"),
        ("batched", {"text": "ab", "n": 2}, "abab"),
        ("gap", {"a": "x"}, "x 1 POST 2"),
        ("full", {"a": "x", "b": "y", "c": "z"}, "x y POST z"),
        ("variadic", {"param_0": "x", "param_1": "y"}, "x,y"),
    ],
)
def test_kinds_of_parameters(server, endpoint, arguments, expected):
    assert run(server, endpoint, **arguments) == expected


@fault(
    kind="app",
    given="`space.api(functools.partial(f, steps=9))`, objects with `__call__`, bound methods",
    before="TypeError when the file loads",
    now="works, as in Gradio",
)
@pytest.mark.parametrize(
    ("endpoint", "arguments", "expected"),
    [
        ("Model", {"number": 3}, 6),
        ("method", {"number": 3}, 10),
        ("static", {"number": 3}, -3),
        ("named", {"text": "x"}, "Model x"),
        ("Later", {"text": "abc"}, "cba"),
        ("Steps", {"n": 3}, "2"),
        ("partial", {"prompt": "x"}, "x 9"),
        ("partial", {"prompt": "x", "steps": 1}, "x 1"),
        ("async_partial", {"steps": 1}, "always 1"),
        ("nested", {"number": 2}, 10),
        ("builtin", {"self": "x"}, "X"),
        ("cached", {"number": 1}, 8),
    ],
)
def test_kinds_of_callables(server, endpoint, arguments, expected):
    assert run(server, endpoint, **arguments) == expected


def test_their_texts_are_shown(server):
    info = server.http.get("/gradio_api/info").json()["named_endpoints"]
    assert info["/Model"]["description"] == "Multiply a number."
    assert server.http.get("/config").json()["dependencies"]


@pytest.fixture(scope="module")
def app():
    spec = importlib.util.spec_from_file_location("callables_app", APPS / "callables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@fault(
    kind="app",
    given="`sp.ChatInterface(fn)` and `sp.Interface(fn)` with a `functools.partial`, an object or keyword-only inputs",
    before="TypeError when the file loads, or at each call",
    now="works",
)
@pytest.mark.parametrize(
    ("chat", "first", "second"),
    [
        ("object", "hi 0 fancy POST", "hi 2 fancy POST"),
        ("partial", "hello hi 0", "hello hi 2"),
        ("request", "POST hi 0", "POST hi 2"),
    ],
)
async def test_chats(app, tmp_path, chat, first, second):
    served = app.chats[chat].asgi(data_dir=tmp_path)
    transport = httpx.ASGITransport(app=served)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        for expected in (first, second):
            body = {"data": ["hi"], "session_hash": "s"}
            answer = await http.post("/gradio_api/run/chat", json=body)
            assert answer.json().get("data") == [expected, None], answer.text
    await served.stop()


async def test_an_interface(app, tmp_path):
    served = app.interface.asgi(data_dir=tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=served), base_url="http://test") as http:
        assert (await http.post("/gradio_api/run/Model", json={"data": [4]})).json()["data"] == [8]
    await served.stop()


def no_annotation(x):
    return x


def positional_gap(a, b=1, request: sp.Request = None, /):
    return a


@pytest.mark.parametrize(
    ("fn", "options", "text"),
    [
        (no_annotation, {}, "no_annotation: the parameter 'x' needs a type"),
        (functools.partial(no_annotation), {}, "no_annotation: the parameter 'x' needs a type"),
        (positional_gap, {"inputs": ["text"]}, "positional-only parameter 'request'"),
        (lambda a, *, b: a, {"inputs": ["text"]}, "no input component for the parameter 'b'"),
        (lambda a: a, {"inputs": ["text", "text"]}, "takes 1 inputs, but 2"),
        (dict, {"inputs": ["text"]}, "dict: Python does not know its parameters"),
        (5, {}, "A function is needed, not int"),
    ],
)
def test_what_cannot_be_served_is_refused_when_the_file_loads(fn, options, text):
    with pytest.raises(TypeError) as caught:
        sp.Space().api(fn, **options)
    assert text in str(caught.value)
