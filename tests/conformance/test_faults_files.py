"""Files of calls as curl and phone apps write them: without `meta`, by URL, or with their content in a `data:` URL."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np
import PIL.Image
import pytest
from tests.conftest import APPS, Server
from tests.faults import fault

LIMIT = 200_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.txt").write_text("hello file\n")
    PIL.Image.fromarray(np.arange(36, dtype=np.uint8).reshape(3, 4, 3) * 7).save(folder / "i.png")
    with wave.open(str(folder / "s.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(np.arange(100, dtype="<i2").tobytes())
    return folder


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    environment = {"FILES": str(folder), "SPACEPORT_MAX_FILE_SIZE": str(LIMIT)}
    found = Server(APPS / "files.py", tmp_path_factory.mktemp("data"), environment)
    yield found
    found.kill()


def run(server, endpoint, *data):
    return server.http.post(f"/gradio_api/run/{endpoint}", json={"data": list(data)})


def upload(server, name, content):
    return server.http.post("/gradio_api/upload", files={"files": (name, content)}).json()[0]


def data_url(content, kind):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@fault(
    kind="call",
    given='`{"data": [{"path": "<path from upload>"}]}` without `meta`, as Gradio\'s guide to curl writes it',
    before="422",
    now="runs; a path that was not given out is still refused",
)
def test_a_path_without_meta(server):
    path = upload(server, "a.txt", b"hello")
    assert run(server, "upper", {"path": path}).json()["data"][0]["orig_name"] == "UP a.txt"
    assert run(server, "sizes", [{"path": path}, {"path": path, "orig_name": "b", "meta": None}]).json()["data"] == [
        [5, 5]
    ]
    assert run(server, "mm", {"text": "t", "files": [{"path": path}]}).status_code == 200
    for wrong in ("/etc/passwd", path + "x", "../" + path, ""):
        answer = run(server, "upper", {"path": wrong})
        assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "file"])


def test_a_path_without_meta_in_a_chat_and_a_gallery(server, folder):
    """What a message says beside its parts is no file."""
    path = upload(server, "i.png", (folder / "i.png").read_bytes())
    text = upload(server, "a.txt", b"hello")
    message = {"role": "user", "content": [{"type": "file", "file": {"path": text}}], "metadata": {"path": "/a/title"}}
    assert run(server, "last_file", [message]).json()["data"][0] == "hello"
    assert run(server, "gallery", [{"image": {"path": path}, "caption": "x"}]).json()["data"][0][0]["caption"] == "x"
    message["content"][0]["file"]["path"] = "/etc/passwd"
    assert run(server, "last_file", [message]).status_code == 422


def test_json_stays_json(server):
    for value in ({"path": "/etc/passwd"}, {"url": "data:,x"}, [{"path": "x", "size": 1}]):
        assert run(server, "json", value).json()["data"] == [value]


@fault(
    kind="call",
    given='`{"url": "data:image/png;base64,…"}`, with and without `meta`, for each component with files',
    before="422 without `path`",
    now="runs",
)
@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}, {"path": None, "meta": None}])
def test_content_in_a_data_url(server, folder, meta):
    picture = {"url": data_url((folder / "i.png").read_bytes(), "image/png"), **meta}
    assert run(server, "pil", picture).json()["data"] == ["L (4, 3)"]
    shown = run(server, "echo_path", picture).json()["data"][0]
    assert server.http.get(shown["url"]).content == (folder / "i.png").read_bytes()
    sound = {"url": data_url((folder / "s.wav").read_bytes(), "audio/wav"), **meta}
    (reversed_sound,) = run(server, "rev", sound).json()["data"]
    with wave.open(io.BytesIO(server.http.get(reversed_sound["url"]).content)) as opened:
        assert opened.getframerate() == 8000
    text = {"url": data_url(b"hello", "text/plain"), **meta}
    for endpoint in ("upper", "video", "model"):
        assert run(server, endpoint, text).status_code == 200
    assert run(server, "sizes", [text, text]).json()["data"] == [[5, 5]]
    assert run(server, "binlen", text).json()["data"] == [5]
    shown, said = run(server, "mm", {"text": "t", "files": [picture]}).json()["data"]
    assert (said, len(shown["files"])) == ("t", 1)
    assert run(server, "gallery", [{"image": picture}]).status_code == 200
    message = {"role": "user", "content": [{"type": "file", "file": text}]}
    assert run(server, "last_file", [message]).json()["data"][0] == "hello"


@pytest.mark.parametrize(
    ("url", "content"),
    [
        ("data:;base64,aGVsbG8=", b"hello"),
        ("data:text/plain;charset=utf-8;base64,aGVs\nbG8=\n", b"hello"),
        ("data:text/plain;base64,aGVsbG8%3D", b"hello"),
        ("DATA:text/plain;BASE64,aGVsbG8=", b"hello"),
    ],
)
def test_forms_of_data_urls(server, url, content):
    assert run(server, "binlen", {"url": url}).json()["data"] == [len(content)]


@pytest.mark.parametrize(
    "url", ["data:text/plain;base64,!!!", "data:text/plain;base64,aGVsbG8", "data:", "data:,x", "data:x" * 900]
)
def test_a_data_url_that_is_none_names_its_parameter(server, url):
    answer = run(server, "upper", {"url": url})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "file"]), answer.text


def test_a_data_url_is_as_large_as_an_upload_may_be(server):
    fits, over = b"x" * LIMIT, b"x" * (LIMIT + 1)
    assert run(server, "binlen", {"url": data_url(fits, "a/b")}).json()["data"] == [LIMIT]
    answer = run(server, "binlen", {"url": data_url(over, "a/b")})
    assert (answer.status_code, str(LIMIT) in answer.text) == (413, True)


def test_a_check_and_the_journal_take_a_data_url_too(server):
    body = {"data": [{"url": data_url(b"kept", "text/plain")}]}
    assert server.http.post("/gradio_api/check/slow_read", json=body).status_code == 204
    calls = [server.http.post("/gradio_api/call/slow_read", json=body).json()["event_id"] for _ in range(2)]
    server.kill()
    server.start()
    text = server.http.get(f"/gradio_api/call/slow_read/{calls[1]}").text
    assert text.startswith('event: complete\ndata: ["kept"]'), text
