"""Uploads that go on after a break, by the tus protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import socket
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from spaceport import Client, handle_file

TUS = {"tus-resumable": "1.0.0"}
DATA = bytes(range(256)) * 4000
SIZE = len(DATA)


@pytest.fixture
def server(serve, tmp_path):
    return serve("files", FILES=str(tmp_path), SPACEPORT_MAX_FILE_SIZE="2000000")


def create(server, length=SIZE, name="näme.bin", **more):
    metadata = f"filename {base64.b64encode(name.encode()).decode()},is_public"
    headers = {**TUS, "upload-length": str(length), "upload-metadata": metadata, **more}
    answer = server.http.post("/gradio_api/tus", headers=headers)
    assert answer.status_code == 201, answer.text
    return urlsplit(answer.headers["location"]).path


def head(server, place):
    answer = server.http.head(place, headers=TUS)
    path = answer.headers.get("x-upload-path")
    return answer.status_code, int(answer.headers.get("upload-offset", -1)), path and unquote(path)


def patch(server, place, offset, data):
    headers = {**TUS, "upload-offset": str(offset), "content-type": "application/offset+octet-stream"}
    return server.http.patch(place, headers=headers, content=data)


@contextlib.contextmanager
def counted(url):
    """A way to a server that counts the bytes that go to it, connection by connection."""
    sent = []

    def pump(source, target, index=None):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if index is not None:
                    sent[index] += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", urlsplit(url).port))
                sent.append(0)
                threading.Thread(target=pump, args=(near, far, len(sent) - 1), daemon=True).start()
                threading.Thread(target=pump, args=(far, near), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
        listener.shutdown(socket.SHUT_RDWR)


def call(server, path):
    body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}
    return server.http.post("/gradio_api/run/binlen", json=body).json()["data"]


def test_in_pieces_and_over_a_restart(server):
    place = create(server)
    assert head(server, place) == (200, 0, None)
    assert patch(server, place, 0, DATA[:500_000]).headers["upload-offset"] == "500000"
    server.kill()
    server.start()
    assert head(server, place) == (200, 500_000, None)
    answer = patch(server, place, 500_000, DATA[500_000:])
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(DATA)))
    path = unquote(answer.headers["x-upload-path"])
    assert (Path(path).read_bytes(), Path(path).name) == (DATA, "näme.bin")
    assert head(server, place) == (200, len(DATA), path)
    assert call(server, path) == [len(DATA)]
    again = create(server)
    assert unquote(patch(server, again, 0, DATA).headers["x-upload-path"]) == path


def test_a_line_that_breaks_keeps_what_has_come(server):
    place = create(server)

    async def half():
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"PATCH {place} HTTP/1.1\r\nhost: x\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n"
        head += f"content-type: application/offset+octet-stream\r\ncontent-length: {len(DATA)}\r\n\r\n"
        writer.write(head.encode() + DATA[:300_000])
        await writer.drain()
        await asyncio.sleep(0.3)
        writer.close()
        await asyncio.sleep(0.3)

    asyncio.run(half())
    assert head(server, place) == (200, 300_000, None)
    assert patch(server, place, 300_000, DATA[300_000:]).status_code == 204


def test_nothing_and_giving_up(server):
    status, offset, path = head(server, create(server, 0, "empty.txt"))
    assert (status, offset, Path(path).read_bytes()) == (200, 0, b"")
    place = create(server)
    assert server.http.delete(place, headers=TUS).status_code == 204
    assert head(server, place)[0] == 404


def test_what_it_can(server):
    answer = server.http.options("/gradio_api/tus")
    assert answer.headers["tus-version"] == "1.0.0"
    assert "creation" in answer.headers["tus-extension"]
    assert answer.headers["tus-max-size"] == "2000000"


def test_what_is_wrong_is_said(server):
    place = create(server)
    assert patch(server, place, 5, b"x").status_code == 409
    assert patch(server, place, 0, DATA + b"x").status_code == 413
    offset = head(server, place)[1]
    assert patch(server, place, offset, DATA[offset:]).status_code == 204
    assert server.http.patch(place, headers=TUS, content=b"x").status_code == 415
    assert server.http.head(place).status_code == 412
    assert head(server, "/gradio_api/tus/" + "0" * 32)[0] == 404
    assert head(server, "/gradio_api/tus/..%2f..%2f.seed")[0] == 404
    for headers, status in (
        ({"upload-length": "2000001"}, 413),
        ({"upload-length": "-1"}, 422),
        ({}, 422),
        ({"upload-length": "1", "upload-metadata": "filename !!"}, 422),
        ({"upload-length": "1", "upload-metadata": f"filename {base64.b64encode(b'..').decode()}"}, 422),
    ):
        assert server.http.post("/gradio_api/tus", headers={**TUS, **headers}).status_code == status, headers


def test_what_is_on_its_way_counts(serve, tmp_path):
    server = serve("files", FILES=str(tmp_path), SPACEPORT_FILES_BYTES_PER_CALLER="1000")
    place = create(server, 900)
    assert patch(server, place, 0, b"x" * 800).status_code == 204
    refused = server.http.post("/gradio_api/upload", files={"files": ("a", b"y" * 500)})
    assert refused.status_code == 507
    server.kill()
    server.start()
    assert patch(server, create(server, 900), 0, b"z" * 500).status_code == 507
    assert server.http.delete(place, headers=TUS).status_code == 204
    assert server.http.post("/gradio_api/upload", files={"files": ("a", b"y" * 500)}).status_code == 200


def known(server, data, name="n.bin", body=b"", **headers):
    about = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "name": name}
    return server.http.post("/gradio_api/upload/known", params=about, content=body, headers=headers)


def test_what_is_here_need_not_come_again(server):
    assert known(server, DATA).status_code == 404
    (path,) = server.http.post("/gradio_api/upload", files={"files": ("n.bin", DATA)}).json()
    pieces = known(server, DATA).json()["pieces"]
    proof = b"".join(DATA[offset : offset + length] for offset, length in pieces)
    assert len(proof) < len(DATA) / 3
    assert known(server, DATA, body=proof).json() == [path]
    (other,) = known(server, DATA, name="../ö.bin", body=proof).json()
    assert (Path(other).read_bytes(), Path(other).name, Path(other).parent) == (DATA, "ö.bin", Path(path).parent)
    assert call(server, other) == [len(DATA)]
    Path(path).unlink()
    assert call(server, other) == [len(DATA)]


def test_a_hash_alone_opens_nothing(server):
    server.http.post("/gradio_api/upload", files={"files": ("n.bin", DATA)})
    for wrong in (b"\0" * 4 * (64 << 10), b"x", DATA[: 4 * (64 << 10)]):
        assert known(server, DATA, body=wrong).status_code == 404
    for query in ("sha256=00&size=5&name=x", "size=5", f"sha256={'0' * 64}&size=-1&name=x"):
        assert server.http.post(f"/gradio_api/upload/known?{query}").status_code == 422
    assert known(server, DATA[:5]).status_code == 404


def test_a_large_file_that_is_known_is_not_sent(serve, tmp_path):
    server = serve("files", FILES=str(tmp_path))
    large = tmp_path / "large.bin"
    large.write_bytes(b"0123456789abcdef" * (2 << 20))
    with Client(server.url, verbose=False) as client:
        assert client.predict(handle_file(large), api_name="/binlen") == 32 << 20
    with counted(server.url) as (url, sent), Client(url, verbose=False) as client:
        job = client.submit(handle_file(large), api_name="/binlen")
        assert job.result() == 32 << 20
    assert 0 < sum(sent) < 1 << 20
