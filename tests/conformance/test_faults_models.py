"""Models as parameters and results: their defaults stay, and one inside of itself breaks no client."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jsonschema
import pytest
from tests.conftest import APPS, PEERS, Server
from tests.faults import fault


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    found = Server(APPS / "models.py", tmp_path_factory.mktemp("models"), {})
    yield found
    found.kill()


def run(server, endpoint, value):
    answer = server.http.post(f"/gradio_api/run/{endpoint}", json={"data": [value]})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]


FULL = {"id": 1, "note": None, "n": 5}
TREE = {"v": 1, "children": [{"v": 2, "children": []}]}


@fault(
    kind="call",
    given='`Order(id: int, note: str | None = None, n: int = 5)` as a dataclass, sent `{"id": 1}` and returned',
    before='`{"id": 1}`: the defaults are lost, on the instance, in nested ones and in lists too',
    now='`{"id": 1, "note": null, "n": 5}`',
)
@pytest.mark.parametrize(
    ("endpoint", "value", "expected"),
    [
        ("order", {"id": 1}, FULL),
        ("order", {"id": 1, "n": 6}, {"id": 1, "note": None, "n": 6}),
        ("own", {"id": 1}, ["id", "n", "note"]),
        ("basket", {"first": {"id": 1}}, {"first": FULL, "rest": [], "by_name": {}}),
        (
            "basket",
            {"first": {"id": 1}, "rest": [{"id": 1}], "by_name": {"a": {"id": 1}}},
            {"first": FULL, "rest": [FULL], "by_name": {"a": FULL}},
        ),
        ("orders", [{"id": 1}, {"id": 1, "n": 7}], [FULL, {"id": 1, "note": None, "n": 7}]),
        ("untyped", {"id": 1}, {"got": FULL, "made": {"id": 2, "note": None, "n": 5}}),
        ("maybe", {"id": 1}, FULL),
        ("node", {"v": 1, "children": [{"v": 2}]}, TREE),
        ("nodes", [{"v": 1, "children": [{"v": 2}]}], [TREE]),
        ("typed_node", {"v": 1, "children": [{"v": 2}]}, {"v": 1, "children": [{"v": 2}]}),
        ("struct_node", {"v": 1, "children": [{"v": 2}]}, TREE),
        ("pydantic_node", {"v": 1, "children": [{"v": 2}]}, TREE),
        ("mutual", {"right": {"left": {}}}, {"right": {"left": {"right": None}}}),
        ("holder", {"node": {"v": 2}, "order": {"id": 1}}, {"node": TREE["children"][0], "order": FULL}),
        ("fields", [1], [1, 5]),
        ("attributes", {"v": 1}, {"v": 1, "n": 5}),
        ("anything", {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ("named_values", {"a": [1, "x"]}, {"a": [1, "x"]}),
        ("nothing", [], 0),
    ],
)
def test_what_comes_back(server, endpoint, value, expected):
    assert run(server, endpoint, value) == expected


PROGRAM = """
import sys
from gradio_client import Client
c = Client(sys.argv[1], verbose=False)
print(c.view_api(return_format="str", print_info=False).count("- predict("))
print(c.predict({"v": 1, "children": [{"v": 2}]}, api_name="/pydantic_node"))
import os; os._exit(0)
"""


@fault(
    kind="call",
    given='`class Node(BaseModel): children: list["Node"] = []` as a parameter, and `gradio_client.Client(url)`',
    before="RecursionError for the whole Space",
    now="it connects and calls",
)
@pytest.mark.parametrize("peer", ["pinned", "newest"])
def test_gradio_client_connects(server, peer):
    command = [str(PEERS / peer / "bin" / "python"), "-c", PROGRAM, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    endpoints = len(server.http.get("/gradio_api/info").json()["named_endpoints"])
    assert done.stdout.split("\n")[:2] == [str(endpoints), str(TREE)], done.stderr


def references(schema):
    """All `$ref`s of a schema that lead nowhere in it."""
    defined = set(schema.get("$defs", {}))
    found = json.dumps(schema).split('"$ref": "')[1:]
    return [one for one in (part.partition('"')[0] for part in found) if one.removeprefix("#/$defs/") not in defined]


@fault(
    kind="call",
    given="a dataclass or TypedDict inside of itself, and `pydantic.JsonValue`, as parameters",
    before="a `$ref` that leads nowhere; 500",
    now="a whole schema beside the one that peers' clients can walk",
)
def test_schemas_are_whole(server):
    info = server.http.get("/gradio_api/info").json()["named_endpoints"]
    examples = {"/node": TREE, "/nodes": [TREE], "/typed_node": TREE, "/struct_node": TREE, "/pydantic_node": TREE}
    for name, endpoint in info.items():
        for one in [*endpoint["parameters"], *endpoint["returns"]]:
            assert references(one["type"]) == [], name
            assert references(one.get("schema", {})) == [], name
            walk(one["type"], one["type"].get("$defs", {}), 0)
        if name in examples:
            (parameter,) = endpoint["parameters"]
            jsonschema.validate(examples[name], parameter["schema"])
            bad = json.loads(json.dumps(examples[name]).replace("2", '"x"'))
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(bad, parameter["schema"])
    assert "schema" not in info["/order"]["parameters"][0]
    assert "$defs" not in info["/order"]["parameters"][0]["type"]


def test_openapi_keeps_the_recursion(server):
    document = server.http.get("/openapi.json").json()
    found = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert found <= set(document["components"]["schemas"])
    schemas = {"components": document["components"]}

    def schema_of(name):
        operation = document["paths"][f"/gradio_api/call/v2/{name}"]["post"]
        return {**operation["requestBody"]["content"]["application/json"]["schema"], **schemas}

    for name, body in (("node", TREE), ("pydantic_node", TREE), ("mutual", {"right": {"left": {"right": None}}})):
        jsonschema.validate({"value": body}, schema_of(name))
    deep = {"v": 1, "children": [{"v": 2, "children": [{"v": 3, "children": [{"v": "x"}]}]}]}
    schema = document["paths"]["/gradio_api/call/v2/node"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"value": deep}, {**schema, **schemas})


def walk(schema, definitions, depth):
    """As peers' clients do: through every reference."""
    assert depth < 40
    if isinstance(schema, list):
        for one in schema:
            walk(one, definitions, depth + 1)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            walk(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions, depth + 1)
        for key, one in schema.items():
            if key != "$defs":
                walk(one, definitions, depth + 1)


def test_stubs_of_recursive_models_are_typed(server, tmp_path):
    command = [sys.executable, "-m", "spaceport.cli.main", "stubs", server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "children" in done.stdout, done.stderr
    compile(done.stdout, "stubs", "exec")
    assert "list[Any]" not in done.stdout.partition("class Node")[2].partition("\n\n")[0]


@fault(
    kind="call",
    given="a value with several faults for a dataclass, a TypedDict or a Struct, and a list with many wrong entries",
    before="one entry, about the first fault, with its place in the text",
    now="an entry for each place, whose `loc` leads there; 20 at most",
)
def test_every_place_that_does_not_fit_is_named(server):
    def faults(endpoint, value):
        answer = server.http.post(f"/gradio_api/run/{endpoint}", json={"data": [value]})
        assert answer.status_code == 422
        return [(one["loc"][2:], one["msg"]) for one in answer.json()["detail"]]

    missing = "This value is required."
    assert faults("basket", {"rest": [{"id": 1}, {"n": "x"}], "by_name": {"a": 5}}) == [
        (["first"], missing),
        (["rest", 1, "id"], missing),
        (["rest", 1, "n"], "Expected `int`, got `str`"),
        (["by_name"], "Expected `object`, got `int` - at `$[...]`"),
    ]
    for endpoint in ("node", "typed_node", "struct_node"):
        tree = {"v": 1, "children": [{"v": "a"}, {"v": 2, "children": [{"children": []}]}]}
        assert faults(endpoint, tree) == [
            (["children", 0, "v"], "Expected `int`, got `str`"),
            (["children", 1, "children", 0, "v"], missing),
        ]
    assert len(faults("nodes", [{}] * 1000)) == 20
