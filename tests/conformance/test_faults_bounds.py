"""What callers send in excess is refused with a small answer that names the parameter."""

from __future__ import annotations

import io
import json

import PIL.Image
import pytest
from tests.conftest import APPS, Server
from tests.faults import fault


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    found = Server(APPS / "files.py", tmp_path_factory.mktemp("data"), {"FILES": str(folder)})
    yield found
    found.kill()


@fault(
    kind="limit",
    given='an integer above 64 bits: `{"data": [18446744073709551616]}`',
    before="500",
    now="422 at its parameter; 64 bits run, and a larger number as text",
)
@pytest.mark.parametrize(
    ("value", "status"),
    [
        (2**64 - 1, 200),
        (2**64, 422),
        (-(2**63), 200),
        (-(2**63) - 1, 422),
        ({"a": [1, {"b": 2**70}]}, 422),
        (str(2**70), 200),
        (float(2**70), 200),
    ],
)
@pytest.mark.parametrize("route", ["run", "call"])
def test_large_integers(server, route, value, status):
    answer = server.http.post(f"/gradio_api/{route}/json", json={"data": [value]})
    assert answer.status_code == status, answer.text
    if status == 422:
        assert [one["loc"] for one in answer.json()["detail"]] == [["body", "value"]]


def test_large_integers_beside_the_arguments(server):
    body = {"data": [1], "session_hash": "s", "event_data": {"index": 2**70}}
    answer = server.http.post("/gradio_api/run/json", json=body)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "event_data"])


@pytest.mark.parametrize(("depth", "status"), [(60, 200), (65, 422), (100_000, 422)])
def test_deep_json(server, depth, status):
    raw = '{"data": [' + "[" * depth + "]" * depth + "]}"
    answer = server.http.post("/gradio_api/run/json", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == status


@fault(
    kind="limit",
    given="3 MB of unknown argument names",
    before="answered with 49 MB of faults",
    now="20 are named, and how many there are",
)
@pytest.mark.parametrize("route", ["call", "run", "call/v2"])
@pytest.mark.parametrize("count", [20, 21, 100, 200_000])
def test_unknown_arguments(server, count, route):
    body = {f"unknown_{number}": 1 for number in range(count)}
    answer = server.http.post(f"/gradio_api/{route}/json", json=body | {"value": 1})
    assert answer.status_code == 422
    assert len(answer.content) < 20_000
    assert "unknown_0" in answer.text
    if count > 20:
        assert str(count) in answer.text or str(count + 1) in answer.text


def test_long_names_and_values_are_not_repeated(server):
    answer = server.http.post("/gradio_api/call/v2/json", json={"n" * 1_000_000: "v" * 1_000_000, "value": 1})
    assert (answer.status_code, len(answer.content) < 5000) == (422, True)
    answer = server.http.post("/gradio_api/run/upper", json={"data": ["v" * 1_000_000]})
    assert (answer.status_code, len(answer.content) < 5000) == (422, True)


def upload(server, name, content):
    return server.http.post("/gradio_api/upload", files={"files": (name, content)}).json()[0]


def image(kind, size=(4, 3), mode="RGB"):
    target = io.BytesIO()
    PIL.Image.new(mode, size).save(target, kind)
    return target.getvalue()


@fault(
    kind="limit",
    given="an EPS, a PSD or one of thirty other formats for an Image",
    before="Pillow tried every reader that it has",
    now="the usual formats are read, all others refused",
)
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("PNG", 200),
        ("JPEG", 200),
        ("WEBP", 200),
        ("GIF", 200),
        ("BMP", 200),
        ("TIFF", 200),
        ("PPM", 200),
        ("EPS", 500),
        ("PCX", 500),
        ("SGI", 500),
    ],
)
def test_formats_of_images(server, kind, status):
    path = upload(server, "image.png", image(kind))
    answer = server.http.post("/gradio_api/run/pil", json={"data": [{"path": path}]})
    assert answer.status_code == status, answer.text
    if status == 500:
        assert answer.json()["error"] == "'image.png' is not an image that can be read."


@pytest.mark.parametrize(
    ("size", "status"), [((10_000, 10_000), 200), ((10_000, 10_001), 500), ((30_000, 30_000), 500)]
)
def test_pixels_of_images(server, size, status):
    path = upload(server, "image.png", image("PNG", size, "1"))
    answer = server.http.post("/gradio_api/run/pil", json={"data": [{"path": path}]})
    assert answer.status_code == status, answer.text
    annotated = server.http.post("/gradio_api/run/annot", json={"data": [{"path": path}]}) if status == 500 else None
    assert annotated is None or (annotated.status_code, "pixels" in annotated.text) == (500, True)


def test_no_answer_echoes_a_megabyte(server):
    for value in ("x" * 1_000_000, ["x"] * 100_000, {"a" * 1_000_000: 1}):
        for endpoint in ("flip", "sizes", "gallery", "binlen"):
            answer = server.http.post(f"/gradio_api/run/{endpoint}", json={"data": [value]})
            assert (answer.status_code, len(answer.content) < 10_000) == (422, True), (endpoint, json.dumps(value)[:50])
