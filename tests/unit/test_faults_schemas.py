"""JSON schemas of others, which stand for more than they have: readers follow them within a bound."""

from __future__ import annotations

import http.server
import threading
import time

import msgspec
import pytest
from tests.faults import fault

from spaceport.api.openapi import SharedSchemas, clean
from spaceport.client.core.schemas import Schema
from spaceport.hub.queues import description
from spaceport.hub.queues import remote_endpoint as endpoints
from spaceport.hub.queues.description import Documents, Kind
from spaceport.hub.queues.upstream import gradio
from spaceport.snippets.example import example
from spaceport.snippets.stubs import Described, stubs
from spaceport.wire.documents import Parameter
from spaceport.wire.events import Message
from spaceport.wire.schemas import MAX_NODES, SchemaSteps


def doubling(levels: int, union: str = "anyOf", leaf: object = "string") -> dict:
    """A schema of a few hundred bytes that, written out, has two to the power of `levels` leaves."""
    ends = {f"a{levels}": {"type": leaf}}
    inner = {f"a{i}": {union: [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(levels)}
    return {"$defs": {**inner, **ends}, "$ref": "#/$defs/a0"}


def growing(levels: int) -> dict:
    """As `doubling`, by properties: what an example is made of."""
    names = "abcdefghij"
    inner = {
        f"a{i}": {"type": "object", "properties": {name: {"$ref": f"#/$defs/a{i + 1}"} for name in names}}
        for i in range(levels)
    }
    return {"$defs": {**inner, f"a{levels}": {"type": "string"}}, "$ref": "#/$defs/a0"}


def parameter(schema: dict) -> Parameter:
    return msgspec.convert(
        {
            "label": "x",
            "parameter_name": "x",
            "parameter_has_default": False,
            "parameter_default": None,
            "type": schema,
            "python_type": {"type": "Any"},
            "component": "Api",
            "example_input": None,
        },
        Parameter,
    )


def within(seconds: float):
    return time.monotonic() + seconds


@fault(
    kind="parser",
    given="`/info` of an app or server with definitions that name each other twice (`a0: anyOf [a1, a1]`, 40 levels)",
    before="the hub, `spaceport stubs` and the clients wrote 2^40 nodes out: 18 levels held the hub for 20 s",
    now="a schema that has more than 10,000 nodes when it is written out counts as unknown",
)
@pytest.mark.parametrize("union", ["anyOf", "oneOf", "allOf"])
def test_a_schema_is_written_out_within_a_bound(union):
    end, schema = within(5), doubling(40, union)
    assert clean(schema) == {}
    assert clean(schema, SharedSchemas()) == {}
    assert Schema.of(schema).alternatives in ((), ({**schema["$defs"]["a0"]},))  # allOf is an alternative itself
    entry = {"parameters": [{"parameter_name": "x", "type": schema}], "returns": [{"label": "y", "type": schema}]}
    assert "def f(self, x: Any) -> Any:" in stubs("http://x", [Described("/f", entry, False)])
    assert example(growing(9)) is None
    assert time.monotonic() < end


def test_just_below_the_bound_a_schema_is_whole_and_just_above_it_unknown():
    levels = 10
    schema = doubling(levels)
    nodes = 3 * 2**levels  # roughly
    assert nodes < MAX_NODES
    depth, found = 0, clean(schema)
    while "anyOf" in found:
        depth, found = depth + 1, found["anyOf"][0]
    assert (depth, found) == (levels, {"type": "string"})
    assert clean(doubling(levels + 2)) == {}


def test_the_bound_of_a_document_counts_all_of_its_schemas():
    shared, schema = SharedSchemas(), doubling(8)
    shared.steps = SchemaSteps(total=5000)
    found = [clean(schema, shared) for _ in range(10)]
    assert found[0]
    assert not found[-1]


@fault(
    kind="parser",
    given="a union that names itself twice (`a: anyOf [a, a, string]`) as a parameter's schema, in our Python client",
    before="`Client(url)` followed it 32 levels deep, so for ever",
    now="a definition is not followed inside of itself",
)
def test_a_union_inside_of_itself():
    ref = {"$ref": "#/$defs/a"}
    schema = Schema.of({"$defs": {"a": {"anyOf": [ref, ref, {"type": "string"}]}}, **ref})
    assert schema.alternatives == ({"type": "string"},)
    assert schema.allows("string", strictly=True)


@fault(
    kind="call",
    given="an endpoint whose parameter is an object with a property called `$ref`",
    before="AttributeError: the hub took the whole app for malformed, and its calls were no jobs",
    now="a reference is a text; anything else is a property",
)
def test_a_property_called_ref():
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}}}
    assert clean(schema) == schema
    assert example(schema) == {"$ref": "Hello!!"}
    entry = {"parameters": [{"parameter_name": "x", "type": schema}], "returns": []}
    assert "$ref" in stubs("http://x", [Described("/f", entry, False)])


@fault(
    kind="access",
    given='a parameter of an app whose schema has `"$schema": "http://10.0.0.1/"`, or a `$dynamicRef` to a URL or file',
    before="the hub fetched it when it read the description, and stood still meanwhile",
    now="nothing is fetched; the app itself is asked about each call",
)
@pytest.mark.parametrize("word", ["$schema", "$dynamicRef", "$recursiveRef", "$ref", "$id"])
def test_the_hub_fetches_no_schema(word):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{server.server_port}/{word}"
    for schema in ({word: place}, {"properties": {"x": {word: place, "type": "string"}}}, {word: "file:///etc/passwd"}):
        endpoints._fitting([parameter(schema)], 1, SchemaSteps())
    server.shutdown()
    assert asked == []


def test_a_schema_too_large_to_decide_is_left_to_the_app():
    assert endpoints._fitting([parameter(doubling(40))], 1, SchemaSteps()) is None
    assert endpoints._fitting([parameter({"type": "string", "pattern": "(?=a)b"})], 1, SchemaSteps()) is None
    fits = endpoints._fitting([parameter({"type": "string", "pattern": "^(a+)+$"})], 1, SchemaSteps())
    assert fits is not None
    assert not fits(["a" * 100_000 + "!"])


@pytest.mark.parametrize(("count", "fine"), [(5000, True), (5001, False)])
def test_how_many_endpoints_an_app_may_describe(count, fine):
    dependency = {"inputs": [], "outputs": [], "api_visibility": "public"}
    config = {"dependencies": [{**dependency, "id": i, "api_name": f"f{i}"} for i in range(count)], "components": []}
    documents = Documents("c", "e", Kind.GRADIO, "", config, {})
    if fine:
        assert len(endpoints.endpoints_of(documents, None, 0)) == count
    else:
        with pytest.raises(ValueError, match="5000 endpoints"):
            endpoints.endpoints_of(documents, None, 0)


@fault(
    kind="parser",
    given="`/config` of an app with `[[],[],[],…]`: 15 MB of it, below the bound of bytes",
    before="each document of three took 350 MB of the hub's memory",
    now="at most 500,000 values, else the app's calls are forwarded",
)
def test_values_of_a_description_are_counted():
    fine = b"[" + b",".join([b"[]"] * 249_000) + b"]"
    assert len(description._decoded(fine)) == 249_000
    with pytest.raises(description._TooLarge):
        description._decoded(b"[" + b",".join([b"[]"] * 251_000) + b"]")


@pytest.mark.parametrize(("levels", "fine"), [(256, True), (257, False), (900, False)])
def test_how_deep_a_description_may_nest(levels, fine):
    """Deeper ones could be read and not be written again: the Space never started."""
    found = description._decoded(b"[" * levels + b"]" * levels)
    assert (found is not None) is fine


@fault(
    kind="limit",
    given="a Gradio app that sends messages of 16 MB for events that nobody has joined",
    before="the hub kept 10,000 of them for each session: 160 GB",
    now="it keeps 10,000, and 16 MB of them together",
)
def test_messages_of_unknown_events_are_bounded():
    session = gradio._Session(None, "s")
    for number in range(40):
        session._deliver(Message("log", f"e{number}", {}), 1 << 20)
    assert len(session._early) == 16
    session._deliver(Message("log", "small", {}), 0)
    assert "small" in session._early
