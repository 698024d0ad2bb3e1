"""Typed parameters: what an annotation accepts, converts, refuses, and how `/info` shows it."""

from __future__ import annotations

import json

import jsonschema
import pytest
from tests.conftest import APPS, Server


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    server = Server(APPS / "typed.py", tmp_path_factory.mktemp("types"), {})
    yield server
    server.kill()


@pytest.mark.parametrize(
    ("endpoint", "body", "expected"),
    [
        ("enumeration", {}, "<Color.RED: 'red'>"),
        ("enumeration", {"color": "blue"}, "<Color.BLUE: 'blue'>"),
        ("literal", {"size": 2}, "2"),
        ("dataclass", {"point": {"x": 1}}, {"x": 0.0, "y": 1.0}),
        ("typed_dict", {"job": {"name": "a", "size": 1}}, {"name": "a", "size": 2}),
        ("model", {"person": {"name": "ann", "age": 4}}, {"name": "ANN", "age": 5}),
        ("struct", {"box": {"width": 2}}, {"width": 4, "label": "box"}),
        ("moment", {"when": "2026-01-31T10:00:00Z"}, "2026-02-01T10:00:00Z"),
        (
            "containers",
            {"numbers": [1, 2], "table": {"a": 1}, "pair": [1, "x"]},
            "([1, 2], {'a': 1.0}, (1, 'x'))",
        ),
        ("optional", {}, "(None, 3)"),
        ("optional", {"text": "t", "either": "e"}, "('t', 'e')"),
        ("anything", {"value": {"a": [1, None, 1.5]}}, {"a": [1, None, 1.5]}),
        ("many", {"people": [{"name": "a", "age": 1}]}, {"a": {"name": "a", "age": 1}}),
        ("mixed", {"text": "x", "n": 2}, "**x****x**"),
        ("array", {"values": [[1, 2], [3, 4.5]]}, [[2, 4], [6, 9]]),
        ("floats", {"values": [1, 2]}, "float32 (2,) None"),
        ("floats", {"values": [], "scale": [255.0]}, "float32 (0,) uint8"),
    ],
)
def test_accepted(types, endpoint, body, expected):
    event_id = types.call(endpoint, body).json()["event_id"]
    event, data, _ = types.events(endpoint, event_id)[-1]
    assert (event, json.loads(data)) == ("complete", [expected])


@pytest.mark.parametrize(
    ("endpoint", "body", "text"),
    [
        ("array", {"values": [[1], [2, 3]]}, "Expected an array of numbers"),
        ("array", {"values": ["a"]}, "Expected an array of numbers"),
        ("array", {"values": 5}, "Expected an array of numbers"),
        ("floats", {"values": [1], "scale": [256]}, "Expected numbers that uint8 can hold."),
        ("floats", {"values": [1], "scale": [0.5]}, "Expected numbers that uint8 can hold."),
        ("enumeration", {"color": "green"}, "green"),
        ("literal", {"size": 3}, "3"),
        ("dataclass", {"point": {"y": 1}}, "x"),
        ("dataclass", {"point": {"x": "far"}}, "Expected `float`"),
        ("typed_dict", {"job": {"name": "a"}}, "size"),
        ("model", {"person": {"name": "ann", "age": -1}}, "greater than or equal to 0"),
        ("model", {"person": {"name": "", "age": 1}}, "at least 1 character"),
        ("struct", {"box": {"width": 0}}, ">= 1"),
        ("moment", {"when": "yesterday"}, "RFC3339"),
        ("containers", {"numbers": ["a"], "table": {}, "pair": [1, "x"]}, "Expected `int`"),
        ("containers", {"numbers": [], "table": {}, "pair": [1]}, "2"),
        ("many", {"people": [{"name": "a"}]}, "age"),
        ("mixed", {"text": "x", "n": 10}, "maximum"),
    ],
)
def test_refused(types, endpoint, body, text):
    response = types.call(endpoint, body)
    assert response.status_code == 422
    assert text in json.dumps(response.json()["detail"]), response.text


def test_each_place_inside_a_value_has_an_entry(types):
    people = [{"name": "", "age": 1}, {"name": "ann", "age": 2}, {"age": -1}]
    detail = types.call("many", {"people": people}).json()["detail"]
    assert [one["loc"] for one in detail] == [
        ["body", "people", 0, "name"],
        ["body", "people", 2, "name"],
        ["body", "people", 2, "age"],
    ]
    assert [one["parameter_name"] for one in detail] == ["people"] * 3
    assert detail[2]["msg"] == "Input should be greater than or equal to 0"
    assert detail[2]["message"] == f"2.age: {detail[2]['msg']}"  # what Gradio's clients show
    assert detail[2]["input"] == -1


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("enumeration", "Literal['red', 'blue']"),
        ("dataclass", "dict(x: float, y: float)"),
        ("typed_dict", "dict(name: str, size: int)"),
        ("model", "dict(name: str, age: int)"),
        ("struct", "dict(width: int, label: str)"),
        ("moment", "str"),
        ("optional", "None | str"),
        ("many", "list[dict(name: str, age: int)]"),
        ("mixed", "str"),
    ],
)
def test_shown(types, endpoint, expected):
    info = types.http.get("/gradio_api/info").json()["named_endpoints"][f"/{endpoint}"]
    assert info["parameters"][0]["python_type"]["type"] == expected


def test_bars_of_the_function_itself_are_progress(types):
    event_id = types.call("bars", {"n": 4}).json()["event_id"]
    text = types.http.get(f"/gradio_api/call/bars/{event_id}?events=all").text
    units = [json.loads(line[6:])[0] for line in text.split("\n") if line.startswith('data: [{"index"')]
    assert any(unit["desc"] == "Bars" and unit["length"] == 4 for unit in units)


def test_every_example_of_the_document_fits_its_schema(types):
    document = types.http.get("/openapi.json").json()
    checked = 0
    for schema in properties(document["paths"]):
        for shown in schema.get("examples", ()):
            jsonschema.validate(shown, schema)
            checked += 1
    assert checked > 15


def properties(node):
    """Every schema of a property inside of a document."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"].values()
        for one in node.values():
            yield from properties(one)
    elif isinstance(node, list):
        for one in node:
            yield from properties(one)
