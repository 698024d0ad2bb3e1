"""What each component takes, gives the function and shows: the same table against the real package and ours."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image
from tests.apps import component_table
from tests.conformance.differences import COMPONENTS
from tests.conftest import APPS, Server
from tests.real_gradio import real_gradio

TOLD = ("orig_name", "mime_type")  # ours says them of every file, Gradio's of some
MEDIA = ("a.txt", "i.png", "s.wav", "v.mp4", "m.obj")
REFUSED = "refused"
BROKEN = "broken"
DIFFERENT = {row: ours for rows in COMPONENTS.values() for row, ours in rows.items()}
TAKES = [(name, value) for name, (_, values) in component_table.TAKES.items() for value in values]
SHOWS = [f"{name}_{i}" for name, (_, values) in component_table.SHOWS.items() for i in range(len(values))]


class Near(bytes):
    """Pixels that are equal to others which are nearly the same."""

    def __eq__(self, other):
        return len(self) == len(other) and all(abs(a - b) < 16 for a, b in zip(self, other, strict=True))

    __hash__ = bytes.__hash__


class Side:
    """One of the two servers, with the media uploaded."""

    def __init__(self, url: str, folder) -> None:
        self.http = httpx.Client(base_url=f"{url}/gradio_api", timeout=30)
        self.info = self.http.get("info").json()
        self.uploads = {}
        for name in MEDIA:
            found = self.http.post("upload", files={"files": (name, (folder / name).read_bytes())})
            self.uploads[name] = found.json()[0]

    def outcome(self, endpoint, values):
        """What the endpoint gives, with files as their names and contents; or `REFUSED`, then or later."""
        response = self.http.post(f"call/{endpoint}", json={"data": [self.filled(value) for value in values]})
        if response.status_code == 422:
            return REFUSED
        try:
            text = self.http.get(f"call/{endpoint}/{response.json()['event_id']}").text
        except httpx.RemoteProtocolError:
            return BROKEN
        events = re.findall(r"event: (\w+)\ndata: (.*)", text)
        event, data = next(one for one in events if one[0] in ("complete", "error"))
        return REFUSED if event == "error" else self.plain(json.loads(data, parse_constant=str))

    def filled(self, value):
        if isinstance(value, dict) and value.get("path") in MEDIA:
            name = value["path"]
            return {"path": self.uploads[name], "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        return [self.filled(one) for one in value] if isinstance(value, list) else value

    def plain(self, value):
        if isinstance(value, dict) and "path" in value and "meta" in value:
            known = {key: one for key, one in value.items() if key not in ("path", "url", *TOLD)}
            return {**known, "content": self.content(value)}
        if isinstance(value, dict):
            return {key: self.plain(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.plain(one) for one in value]
        if isinstance(value, str) and value.startswith("data:image/"):
            return value.partition(";")[0]
        return value

    def content(self, file):
        """The name, and the bytes; of a picture its pixels: WebP's are Gradio's only nearly (its are lossy)."""
        path = unquote(file["url"].partition("/gradio_api/")[2])
        data = self.http.get(path).raise_for_status().content
        name = file["path"].rpartition("/")[2]
        try:
            picture = Image.open(io.BytesIO(data))
        except OSError:
            return name, data
        pixels = picture.tobytes()
        return name, picture.format, picture.mode, picture.size, Near(pixels) if picture.format == "WEBP" else pixels


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    component_table.media(folder)
    server = Server(APPS / "component_table.py", tmp_path_factory.mktemp("data"), {}, folder)
    try:
        with real_gradio("gradio", "component_table.py", "config", cwd=folder) as url:
            yield Side(url, folder), Side(server.url, folder)
    finally:
        server.kill()


def compared(sides, endpoint, values, row):
    real, ours = (side.outcome(endpoint, values) for side in sides)
    if row in DIFFERENT:
        assert str(ours).startswith(DIFFERENT[row])
        assert real != ours, "no longer different"
    else:
        assert ours == real


DESCRIBED = {
    # A component that takes other values than its choices says so; parts of messages are described more loosely.
    "in_DropdownCustom": "str",
    "in_Chatbot": "list[dict(role: str, metadata: dict(str, Any)",
    "out_Chatbot": "list[dict(role: str, metadata: dict(str, Any)",
}


@pytest.mark.parametrize(("name", "value"), TAKES, ids=[f"{name} {json.dumps(value)}" for name, value in TAKES])
def test_takes(sides, name, value):
    compared(sides, f"in_{name}", [value], f"{name} {json.dumps(value)}")


@pytest.mark.parametrize("name", SHOWS)
def test_shows(sides, name):
    compared(sides, f"out_{name}", [], name)


ENDPOINTS = [f"in_{name}" for name in component_table.TAKES] + [f"out_{name}" for name in SHOWS]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_info(sides, endpoint):
    real, ours = (said(side, endpoint) for side in sides)
    different = DESCRIBED.get(re.sub(r"_\d+$", "", endpoint))
    if different is not None:
        for one, other in zip(real, ours, strict=True):
            if one["python_type"] != "str":
                assert one["python_type"] != other["python_type"], "no longer different"
                assert other["python_type"].startswith(different)
                one["python_type"] = other["python_type"]
    if endpoint == "in_DateTimeDate":  # Gradio's example has a time
        assert ours[0]["example_input"] == "2020-10-01" != real[0]["example_input"]
        real[0]["example_input"] = "2020-10-01"
    assert ours == real


def said(side, endpoint):
    """What `/info` says of a value, with the sample files' addresses and generated labels left out."""
    info = side.info["named_endpoints"][f"/{endpoint}"]
    found = []
    for one in (*info["parameters"], *info["returns"]):
        kept = {**one, "python_type": one["python_type"]["type"]}
        del kept["type"]
        text = re.sub(r"(parameter|value)_\d+", "label", json.dumps(kept))
        text = re.sub(r'"https://[^"]*"', '"address"', text)
        found.append(json.loads(re.sub(r'"orig_name": "[^"]*"', '"orig_name": ""', text)))
    return found
