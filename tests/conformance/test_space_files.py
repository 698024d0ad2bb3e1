"""Files through the server: both official clients and ours, and those who want what is not theirs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.server
import io
import json
import socket
import subprocess
import sys
import threading
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import PIL.Image
import pytest
from tests.conformance.test_golden import JS, QUIET
from tests.conftest import APPS, PEERS, Server

from spaceport import Client, handle_file
from spaceport.client.errors import AppError, ValidationError
from spaceport.space.errors import ValueRejected
from spaceport.space.fetch import Fetcher, is_public
from spaceport.space.file_values import RemoteFile
from spaceport.store import FileLimits, FileStore

META = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("files")
    (made / "a.txt").write_text("hello file\n")
    (made / "page.html").write_text("<script>alert(1)</script>")
    PIL.Image.fromarray(np.arange(36, dtype=np.uint8).reshape(3, 4, 3) * 7).save(made / "i.png")
    with wave.open(str(made / "s.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(np.arange(100, dtype="<i2").tobytes())
    return made


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    """One for all tests that do not stop it."""
    made = Server(APPS / "files.py", tmp_path_factory.mktemp("data"), settings(folder))
    yield made
    made.kill()


def settings(folder):
    return {"FILES": str(folder), "SPACEPORT_MAX_FILE_SIZE": "200000"}


@pytest.fixture
def client(server, tmp_path):
    with Client(server.url, verbose=False, download_files=tmp_path / "out") as made:
        yield made


def upload(server, name="a.txt", data=b"hello", **more):
    return server.http.post("/gradio_api/upload", files={"files": (name, data)}, **more)


def run(server, endpoint, *data):
    return server.http.post(f"/gradio_api/run/{endpoint}", json={"data": list(data)})


def test_files_come_and_go_byte_for_byte(client, folder):
    data = bytes(range(256)) * 500
    (folder / "any ü.bin").write_bytes(data)
    same = client.predict([handle_file(folder / "any ü.bin")], api_name="/echo_many")
    assert [Path(one).read_bytes() for one in same] == [data]
    assert Path(same[0]).name == "any ü.bin"
    assert client.predict(handle_file(folder / "any ü.bin"), api_name="/binlen") == len(data)
    assert Path(client.predict(handle_file(folder / "a.txt"), api_name="/upper")).read_text() == "HELLO FILE\n"
    assert Path(client.predict(handle_file(folder / "a.txt"), api_name="/async_upper")).name == "UP a.txt"
    for endpoint in ("/video", "/model"):
        assert Path(client.predict(handle_file(folder / "a.txt"), api_name=endpoint)).read_text() == "hello file\n"
    assert client.predict(None, api_name="/path_of") == "None"


def test_media(client, folder):
    original = np.asarray(PIL.Image.open(folder / "i.png"))
    flipped = np.asarray(PIL.Image.open(client.predict(handle_file(folder / "i.png"), api_name="/flip")))
    assert (flipped == original[::-1]).all()
    assert client.predict(handle_file(folder / "i.png"), api_name="/pil") == "L (4, 3)"
    same = client.predict(handle_file(folder / "i.png"), api_name="/echo_path")
    assert Path(same).read_bytes() == (folder / "i.png").read_bytes()
    with wave.open(client.predict(handle_file(folder / "s.wav"), api_name="/rev")) as sound:
        assert sound.getframerate() == 8000
        assert np.frombuffer(sound.readframes(100), "<i2").tolist() == list(range(99, -1, -1))
    gallery = [{"image": handle_file(folder / "i.png"), "caption": "x"}]
    ((item),) = client.predict(gallery, api_name="/gallery")
    assert (Path(item["image"]).read_bytes(), item["caption"]) == ((folder / "i.png").read_bytes(), "x")
    annotated = client.predict(handle_file(folder / "i.png"), api_name="/annot")
    mask = np.asarray(PIL.Image.open(annotated["annotations"][0]["image"]))
    assert annotated["annotations"][0]["label"] == "sq"
    assert (mask[..., 3] > 0).tolist() == [[True, True, False, False]] * 2 + [[False] * 4]
    message = {"text": "t", "files": [handle_file(folder / "i.png")]}
    shown, text = client.predict(message, api_name="/mm")
    assert (text, shown["text"], Path(shown["files"][0]).name) == ("t", "t", "i.png")


def test_a_file_in_a_chat(client, folder):
    message = {"role": "user", "content": [{"type": "file", "file": handle_file(folder / "a.txt")}]}
    text, chat = client.predict([message], api_name="/last_file")
    assert text == "hello file\n"
    assert Path(chat[0]["content"][0]["file"]).read_text() == "hello file\n"


def test_plain_annotations(serve, folder, tmp_path):
    server = serve("annotated")
    with Client(server.url, verbose=False, download_files=tmp_path / "out") as client:
        given = handle_file(folder / "a.txt")
        assert client.predict(given, api_name="/text") == "PosixPath hello file\n"
        assert client.predict(given, api_name="/count") == 11
        assert client.predict(given, given, api_name="/count") == 22
        assert client.predict(given, api_name="/first_line") == "hello file\n"
        assert client.predict([given, given], api_name="/sizes") == [11, 11]
        assert Path(client.predict(given, api_name="/doubled")).read_text() == "hello file\n" * 2
        grey = PIL.Image.open(client.predict(handle_file(folder / "i.png"), api_name="/grey"))
        assert grey.size == (4, 3)
        table, plot = client.predict({"headers": ["a", "b"], "data": [[1, 2], [3, 4]]}, api_name="/rotated")
        assert table["data"] == [[1, 3], [2, 4]]
        assert plot["plot"].startswith("data:image/webp;base64,")
        assert Path(client.predict(api_name="/raw")).read_bytes() == b"raw bytes"
        described = client.view_api(print_info=False, return_format="str")
        assert "[File] path: filepath (required)" in described
        assert "[File] more: filepath | None (not required" in described


PROGRAM = """
import sys, os
from gradio_client import Client, handle_file
c = Client(sys.argv[1], verbose=False)
os.chdir(sys.argv[2])
print(open(c.predict(handle_file("a.txt"), api_name="/upper")).read())
print(c.predict([handle_file("a.txt"), handle_file("page.html")], api_name="/sizes"))
print(open(c.predict(handle_file("i.png"), api_name="/echo_path"), "rb").read() == open("i.png", "rb").read())
print(c.predict([dict(image=handle_file("i.png"), caption="x")], api_name="/gallery")[0]["caption"])
print(c.predict({"text": "t", "files": [handle_file("i.png")]}, api_name="/mm")[1])
os._exit(0)
"""
SCRIPT = """
import { Client, handle_file } from "@gradio/client";
import fs from "node:fs";
const c = await Client.connect(process.argv[1]);
process.chdir(process.argv[2]);
const up = (await c.predict("/upper", [handle_file("a.txt")])).data[0];
console.log(up.orig_name, await (await fetch(up.url)).text());
const image = (await c.predict("/echo_path", [handle_file("i.png")])).data[0];
const bytes = Buffer.from(await (await fetch(image.url)).arrayBuffer());
console.log(bytes.equals(fs.readFileSync("i.png")));
const sizes = await c.predict("/sizes", [[handle_file("a.txt"), handle_file("page.html")]]);
console.log(JSON.stringify(sizes.data));
process.exit(0);
"""


@pytest.mark.parametrize("peer", ["pinned", "newest"])
def test_gradio_client_gets_the_same(server, folder, peer):
    command = [str(PEERS / peer / "bin" / "python"), "-c", PROGRAM, server.url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**QUIET, "HOME": str(folder)})
    assert done.stdout.split("\n") == ["HELLO FILE", "", "[11, 25]", "True", "x", "t", ""], done.stderr


def test_the_javascript_client_gets_the_same(server, folder):
    command = ["node", "--input-type=module", "-e", SCRIPT, server.url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=JS)
    assert done.stdout.split("\n") == ["UP blob HELLO FILE", "", "true", "[[11,25]]", ""], done.stderr


def test_a_waiting_job_keeps_its_files_over_a_restart(serve, folder):
    server = serve("files", **settings(folder))
    (path,) = upload(server).json()
    body = {"data": [{"path": path, "meta": META}]}
    calls = [server.http.post("/gradio_api/call/slow_read", json=body).json()["event_id"] for _ in range(2)]
    server.kill()
    server.start()
    text = server.http.get(f"/gradio_api/call/slow_read/{calls[1]}").text
    assert text.startswith('event: complete\ndata: ["hello"]'), text


def test_two_servers_of_one_script_have_files_of_their_own(serve, folder):
    first = serve("files", FILES=str(folder))
    (path,) = upload(first).json()
    draft = first.data / "files.private" / "drafts" / "on its way"
    draft.write_bytes(b"half")
    second = Server(first.app, first.data, {"FILES": str(folder)})
    try:
        (other,) = upload(second).json()
        assert Path(other).is_relative_to(first.data / "files-2")
        assert draft.exists()
        assert run(first, "path_of", {"path": path, "meta": META}).json()["data"] == [path]
        assert run(second, "path_of", {"path": path, "meta": META}).status_code == 422
    finally:
        second.kill()


def test_a_server_that_keeps_nothing_leaves_no_files(serve, folder):
    server = serve("files", FILES=str(folder), SPACEPORT_DURABILITY="memory")
    (path,) = upload(server).json()
    assert Path(path).exists()
    server.stop()
    assert not Path(path).exists()
    assert not (server.data / "files").exists()


# Upload


def test_an_upload(server):
    first, second = upload(server).json(), upload(server).json()
    assert first == second
    files = [("files", ("a.txt", b"hello")), ("files", ("b.txt", b"hello")), ("other", (None, "ignored"))]
    both = server.http.post("/gradio_api/upload", files=files).json()
    assert [Path(one).name for one in both] == ["a.txt", "b.txt"]
    assert Path(both[0]).parent == Path(both[1]).parent == Path(first[0]).parent


@pytest.mark.parametrize(
    ("headers", "body", "status", "text"),
    [
        ({"content-type": "application/json"}, b"{}", 400, "multipart/form-data"),
        ({"content-type": "multipart/form-data"}, b"x", 400, "boundary"),
        ({"content-type": f"multipart/form-data; boundary={'x' * 5000}"}, b"x", 400, "boundary"),
        ({"content-type": "multipart/form-data; boundary=x"}, b"garbage", 400, "not multipart"),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\n", 400, "middle of a part"),
        (
            {"content-type": "multipart/form-data; boundary=x"},
            b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nno name\r\n--x--\r\n',
            400,
            "file name",
        ),
        (
            {"content-type": "multipart/form-data; boundary=x"},
            b'--x\r\nContent-Disposition: form-data; name="files"; filename=".."\r\n\r\na\r\n--x--\r\n',
            422,
            "Invalid file name",
        ),
        (
            {"content-type": "multipart/form-data; boundary=x"},
            b"--x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\na\r\n--x--\r\n",
            400,
            "not multipart",
        ),
    ],
)
def test_what_is_no_upload(server, headers, body, status, text):
    answer = server.http.post("/gradio_api/upload", content=body, headers=headers)
    assert (answer.status_code, text in answer.text) == (status, True), answer.text
    assert upload(server).status_code == 200


def test_too_much(server):
    answer = upload(server, data=b"x" * 200_001)
    assert (answer.status_code, "maximum allowed size of 200000" in answer.text) == (413, True)
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\na\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = server.http.post("/gradio_api/upload", content=part * 10_000 + b"--x--\r\n", headers=headers)
    assert (answer.status_code, "1000 parts" in answer.text) == (400, True)
    field = b'--x\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"a" * (2 << 20) + b"\r\n--x--\r\n"
    assert server.http.post("/gradio_api/upload", content=field, headers=headers).status_code == 400
    assert list((server.data / "files.private" / "drafts").iterdir()) == []


def test_budgets(serve, folder):
    server = serve("files", FILES=str(folder), SPACEPORT_FILES_BYTES_PER_CALLER="1000")
    paths = [upload(server, data=bytes([n]) * 400).json()[0] for n in range(3)]
    assert [Path(path).exists() for path in paths] == [False, True, True]
    answer = upload(server, data=b"x" * 2000)
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "retry-after" in answer.headers


def test_a_connection_that_goes_leaves_nothing(server):
    async def half():
        _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        head = b"POST /gradio_api/upload HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n"
        writer.write(head + b"content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n")
        writer.write(b'Content-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + b"y" * 1000)
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()
        await asyncio.sleep(0.5)

    asyncio.run(half())
    assert list((server.data / "files.private" / "drafts").iterdir()) == []


def test_progress(server):
    def watch():
        with server.http.stream("GET", "/gradio_api/upload_progress?upload_id=u1") as stream:
            return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]

    with ThreadPoolExecutor() as pool:
        watching = pool.submit(watch)
        assert upload(server, data=b"x" * 150_000, params={"upload_id": "u1"}).status_code == 200
        told = watching.result(timeout=20)
    assert sum(one.get("chunk_size", 0) for one in told) == 150_000
    assert told[-1] == {"msg": "done"}
    missing = server.http.get("/gradio_api/upload_progress?upload_id=nobody")
    assert (missing.status_code, missing.text) == (404, "Upload not found")


# Download


def test_a_download(server):
    (path,) = upload(server, "näme.png", b"0123456789").json()
    url = f"/gradio_api/file={path}"
    whole = server.http.get(url)
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-disposition"] == "inline; filename*=utf-8''n%C3%A4me.png"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    head = server.http.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "10")
    etag = whole.headers["etag"]
    assert server.http.get(url, headers={"if-none-match": etag}).status_code == 304
    for asked, status, body in [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("bytes=4-2", 400, b""),
        ("lines=1-2", 400, b""),
    ]:
        answer = server.http.get(url, headers={"range": asked, "cookie": "secret=1"})
        assert (answer.status_code, answer.content if status == 206 else b"") == (status, body), asked
        assert "secret" not in str(answer.headers)
    several = server.http.get(url, headers={"range": "bytes=0-1,5-6"})
    assert (several.status_code, b"01" in several.content, b"56" in several.content) == (206, True, True)
    many = server.http.get(url, headers={"range": "bytes=" + ",".join(["0-"] * 5000)})
    assert many.status_code in (200, 206, 400, 416)
    assert len(many.content) < 10_000


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.js", "x.pdf", "x.xhtml", "x"])
def test_what_a_browser_would_run_is_a_download(server, name):
    (path,) = upload(server, name, b"<script>alert(1)</script>").json()
    answer = server.http.get(f"/gradio_api/file={path}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


TRAVERSALS = [
    "/etc/passwd",
    "//etc/passwd",
    "{p}/../../.seed",
    "{d}/.seed",
    "{d}.private/key",
    "{d}/../files.private/key",
    "{d}/%2e%2e/%2e%2e/etc/passwd",
    "{p}%2f..%2f..%2f.seed",
    "%252e%252e/etc/passwd",
    "..\\..\\etc\\passwd",
    "....//....//etc/passwd",
    "{p}%00.png",
    "{p}.",
    "{p}::$DATA",
    "\\\\host\\share",
    "C:\\boot.ini",
    "file:///etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "~/.bashrc",
    "a" * 5000,
    "http://127.0.0.1:1/x",
    "https://example.invalid/never/returned",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_nothing_else_can_be_downloaded(server, path):
    (known,) = upload(server).json()
    raw = path.format(p=known, d=server.data / "files")
    target = f"/gradio_api/file={raw}".encode()
    port = int(server.url.rpartition(":")[2])

    async def ask():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET " + target.replace(b" ", b"%20") + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answer

    answer = asyncio.run(ask())
    assert answer.split(b" ")[1] in (b"403", b"400"), answer[:200]
    assert b"root:" not in answer
    assert server.http.get("/gradio_api/info").status_code == 200


# What a call may name


@pytest.mark.parametrize(
    "value",
    [
        {"path": "/etc/passwd", "meta": META},
        {"path": "/etc/passwd"},
        {"path": "{d}/.seed", "meta": META},
        {"path": "{p}/../../.seed", "meta": META},
        {"path": "file:///etc/passwd", "meta": META},
        {"path": "gopher://127.0.0.1/", "meta": META},
        {"path": "", "url": "http://127.0.0.1/", "meta": META},
        {"path": None, "url": "file:///etc/passwd", "meta": META},
        {"url": "http://127.0.0.1/", "meta": META},
        {"path": "/etc/passwd", "is_stream": True, "meta": META},
        {"path": 5, "meta": META},
        {"path": "\0", "meta": META},
        "/etc/passwd",
        ["/etc/passwd"],
        5,
    ],
)
@pytest.mark.parametrize("endpoint", ["path_of", "echo_path", "echo_audio", "video", "gallery", "mm", "sizes"])
def test_a_call_cannot_name_what_was_not_uploaded(server, endpoint, value):
    (known,) = upload(server).json()
    value = json.loads(json.dumps(value).replace("{p}", known).replace("{d}", str(server.data / "files")))
    shapes = {"gallery": [{"image": value}], "mm": {"text": "", "files": [value]}, "sizes": [value]}
    answer = run(server, endpoint, shapes.get(endpoint, value))
    assert answer.status_code == 422, answer.text
    assert "root:" not in answer.text


def test_json_with_a_path_stays_json(server):
    for value in ({"path": "/etc/passwd", "meta": META}, {"path": "/etc/passwd"}, [{"a": {"path": "/etc/passwd"}}]):
        assert run(server, "json", value).json()["data"] == [value]
    assert run(server, "json_filedata").json()["data"] == [{"path": "/etc/passwd", "url": None, "size": 3}]


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "/proc/self/environ", "/etc", "/dev/zero", "{link}", "{d}/.seed.x", "{d}.private/key"]
)
def test_a_returned_path_shows_no_foreign_file(server, tmp_path, text):
    link = tmp_path / "link.txt"
    link.symlink_to("/etc/passwd")
    answer = run(server, "text_to_file", text.format(link=link, d=server.data / "files"))
    assert answer.status_code == 500
    assert "root:" not in answer.text


def test_another_user_s_upload(serve, folder, tmp_path):
    app = tmp_path / "users.py"
    files = "sp.File()"
    app.write_text(
        "import sys, spaceport as sp\nspace = sp.Space()\n"
        f"space.api(lambda f: open(f).read(), name='read', inputs=[{files}], outputs=[sp.Textbox()])\n"
        "space.launch(auth=[('ann', 'a'), ('bob', 'b')], server_port=int(sys.argv[1]), data_dir=sys.argv[2])\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(app), str(port), str(tmp_path / "data")])
    try:
        ann, bob = (httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(name, name[0])) for name in ("ann", "bob"))
        for _ in range(100):
            try:
                ann.get("/config").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        (path,) = ann.post("/gradio_api/upload", files={"files": ("a.txt", b"secret")}).json()
        body = {"data": [{"path": path, "meta": META}]}
        assert ann.post("/gradio_api/run/read", json=body).json()["data"] == ["secret"]
        assert ann.get(f"/gradio_api/file={path}").content == b"secret"
        assert bob.post("/gradio_api/run/read", json=body).status_code == 422
        assert bob.get(f"/gradio_api/file={path}").status_code == 403
        about = {"sha256": hashlib.sha256(b"secret").hexdigest(), "size": 6, "name": "a.txt"}
        assert ann.post("/gradio_api/upload/known", params=about, content=b"secret").json() == [path]
        assert bob.post("/gradio_api/upload/known", params=about, content=b"secret").status_code == 404
        assert httpx.get(f"http://127.0.0.1:{port}/gradio_api/file={path}").status_code == 401
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "data", [b"not an image", b"GIF89a" + b"\xff" * 100, b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_image_says_so(server, data):
    (path,) = upload(server, "x.png", data).json()
    answer = run(server, "flip", {"path": path, "meta": META})
    assert (answer.status_code, "is not an image that can be read" in answer.text) == (500, True), answer.text
    assert str(server.data) not in answer.text


def test_an_image_bomb(server):
    target = io.BytesIO()
    PIL.Image.new("1", (20_000, 20_000)).save(target, "PNG")
    assert len(target.getvalue()) < 200_000
    (path,) = upload(server, "bomb.png", target.getvalue()).json()
    assert "pixels" in run(server, "flip", {"path": path, "meta": META}).text


def test_a_data_url_as_an_image(server, folder):
    url = "data:image/png;base64," + base64.b64encode((folder / "i.png").read_bytes()).decode()
    answer = run(server, "pil", {"path": None, "url": url, "meta": META})
    assert answer.json()["data"] == ["L (4, 3)"]
    for wrong in ("data:image/png;base64,!!", "data:,x", "data:image/png;base64,"):
        assert run(server, "pil", {"path": None, "url": wrong, "meta": META}).status_code == 422


def test_suffixes(server):
    for name, status in (("a.txt", 200), ("a.TXT", 200), ("a.png", 200), ("a.exe", 422)):
        (path,) = upload(server, name).json()
        assert run(server, "only_text", {"path": path, "orig_name": name, "meta": META}).status_code == status


# Files by URL


class Elsewhere(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        body = b"x" * 300_000 if self.path == "/large" else b"from elsewhere"
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_by_url(serve, folder, elsewhere):
    server = serve("files", FILES=str(folder), SPACEPORT_FETCH_PRIVATE="1", SPACEPORT_MAX_FILE_SIZE="200000")
    with Client(server.url, verbose=False) as client:
        assert client.predict(handle_file(f"{elsewhere}/notes.txt"), api_name="/only_text") == "from elsewhere"
        assert client.predict(handle_file(f"{elsewhere}/to/{elsewhere}/b.txt"), api_name="/only_text")
        for path, text in (("/missing.txt", ""), ("/missing", "answered 404"), ("/large", "maximum allowed size")):
            if text:
                with pytest.raises(AppError, match=text):
                    client.predict(handle_file(elsewhere + path), api_name="/binlen")
        with pytest.raises(AppError, match="is not an http or https URL"):
            client.predict(handle_file(f"{elsewhere}/to/file:///etc/passwd"), api_name="/binlen")


NOTATIONS = ["127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f.1", "[::1]", "[::]", "[::ffff:127.0.0.1]"]
NOTATIONS += ["localhost", "a@127.0.0.1", "127.0.0.1.", "\uff11\uff12\uff17.0.0.1", "[64:ff9b::7f00:1]"]


@pytest.mark.parametrize("host", NOTATIONS)
def test_private_addresses_in_every_notation(client, elsewhere, host):
    port = elsewhere.rpartition(":")[2]
    with pytest.raises((AppError, ValidationError), match=r"could not be fetched|is not an http"):
        client.predict(handle_file(f"http://{host}:{port}/x.txt"), api_name="/binlen")


async def test_a_name_whose_address_changes_after_the_check(monkeypatch, tmp_path, elsewhere):
    """The connection goes to the address that was looked up and checked: a second answer is never asked for."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    connected = []
    loop = asyncio.get_running_loop()

    async def look_up(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    async def connect(protocol, host, port, **_):
        connected.append(host)
        raise OSError("no way to there")

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    monkeypatch.setattr(loop, "create_connection", connect)
    fetcher = Fetcher(FileStore(tmp_path / "files", FileLimits()))
    with pytest.raises(ValueRejected, match="could not be fetched"):
        await fetcher.fetch(RemoteFile("http://rebinding.example/x", ""), "", "me")
    with pytest.raises(ValueRejected, match="not allowed"):
        await fetcher.fetch(RemoteFile("http://rebinding.example/x", ""), "", "me")
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fd00:ec2::254", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


def seconds(path):
    """The length of an audio file, decoded."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", "8000", "pipe:1"]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) / 16000


@pytest.mark.parametrize("endpoint", ["tones", "atones"])
def test_audio_is_heard_while_it_is_made(serve, folder, tmp_path, endpoint):
    server = serve("files", **settings(folder))
    job = server.call(endpoint, [3]).json()["event_id"]
    with server.http.stream("GET", f"/gradio_api/call/{endpoint}/{job}") as stream:
        steps, lengths = [], []
        for line in stream.iter_lines():
            if line.startswith("data: "):
                (file,) = json.loads(line[6:])
                steps.append(file)
                lengths.append(server.http.get(file["url"]).text.count("#EXTINF"))
    assert [step == steps[0] for step in steps] == [True] * 4
    assert (steps[0]["is_stream"], steps[0]["path"].endswith("/playlist.m3u8")) == (True, True)
    assert lengths[-1] > lengths[1]
    response = server.http.get(file["url"])
    assert (response.headers["content-type"], response.headers["cache-control"]) == (
        "application/vnd.apple.mpegurl",
        "no-store",
    )
    assert response.text.endswith("#EXT-X-ENDLIST\n")
    base = file["url"].removesuffix("playlist.m3u8")
    segments = [line for line in response.text.splitlines() if line.endswith(".aac")]
    parts = [server.http.get(base + name) for name in segments]
    assert {part.headers["content-type"] for part in parts} == {"audio/aac"}
    assert server.http.get(base + "playlist-file").content == b"".join(part.content for part in parts)
    told = sum(float(line[8:-1]) for line in response.text.splitlines() if line.startswith("#EXTINF"))
    with Client(server.url, verbose=False, download_files=tmp_path / "out") as client:
        path = client.predict(3, api_name=f"/{endpoint}")
    assert Path(path).name == "audio.aac"
    assert abs(seconds(path) - 1.5) < 0.2
    assert abs(told - 1.5) < 0.3
    server.kill()
    server.start()
    assert server.http.get(file["url"].partition("/gradio_api")[1] + file["url"].partition("/gradio_api")[2]).text == (
        response.text
    )


def test_what_a_stream_may_be_made_of(client):
    with pytest.raises(AppError, match="need the rate and channels of the first, 8000 Hz"):
        client.predict(api_name="/pieces")
    assert Path(client.predict(api_name="/at_once")).name == "audio.wav"
    job = client.submit(3, 2, api_name="/tones")
    with pytest.raises(AppError, match="no more"):
        job.result()
    assert len(job.outputs()) == 2


def test_a_stream_that_is_not_there(server):
    place = f"/gradio_api/stream/{'0' * 32}/{'0' * 32}/0"
    answers = {name: server.http.get(f"{place}/{name}").status_code for name in ("playlist.m3u8", "0.aac", "x.exe")}
    assert answers == {"playlist.m3u8": 404, "0.aac": 404, "x.exe": 400}
    for name in ("..%2f..%2f0", "a.aac", "-1.aac", "9999999999.aac"):
        assert server.http.get(f"{place}/{name}").status_code in (400, 404)


def test_a_stream_without_ffmpeg_says_so(serve, folder, tmp_path):
    server = serve("files", FILES=str(folder), PATH=str(tmp_path))
    with Client(server.url, verbose=False) as client, pytest.raises(AppError, match="needs ffmpeg"):
        client.predict(1, api_name="/tones")
