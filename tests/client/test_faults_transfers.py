"""What a hostile server says of uploads: it gets the file that was to be uploaded, or the call ends with an error."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from tests.faults import fault

from spaceport.client.dedupe import find_uploaded
from spaceport.client.errors import ServerError
from spaceport.client.tus_upload import ResumableUpload


class Server:
    """Answers each request with the next of these: a status, headers and a body. `sent` has the requests' bodies."""

    def __init__(self, *answers) -> None:
        self.answers, self.sent = list(answers), []

    async def fetch(self, method, path, *, headers=None, content=None):
        self.sent.append(content)
        status, fields, body = self.answers.pop(0)
        return SimpleNamespace(status=status, headers=fields), body


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789")
    return path


@fault(
    kind="client",
    given="a server whose answer to `upload/known` has pieces that are no pairs of numbers, or not inside of the file",
    before="TypeError or ValueError in the Python client; with a negative offset OSError",
    now="the file is uploaded, as where the server does not know it",
)
@pytest.mark.parametrize(
    "pieces",
    [
        *(5, None, "ab", {}, [[]], [5], [["a", "b"]], [[0, 1, 2]], [[-1, 5]], [[0, -5], [0, 9]], [[0, 0]], [[0, 11]]),
        *([[10, 1]], [[0, 10**30]], [[1.5, 2]], [[True, 2]], [[0, 10]] * 104_858),
    ],
)
def test_pieces_that_are_none(file, pieces):
    server = Server((200, {}, json.dumps({"pieces": pieces}).encode()), (200, {}, b'["/there"]'))
    assert asyncio.run(find_uploaded(server, "", file, 10)) is None
    assert server.sent == [None], "nothing of the file was sent"


@pytest.mark.parametrize(("answer", "found"), [(b'["/there"]', "/there"), (b"[5]", None), (b"[]", None), (b"{}", None)])
def test_pieces_of_the_file(file, answer, found):
    pieces = [[0, 2], [9, 1]]
    server = Server((200, {}, json.dumps({"pieces": pieces}).encode()), (200, {}, answer))
    assert asyncio.run(find_uploaded(server, "", file, 10)) == found
    assert server.sent[1] == b"019"


@fault(
    kind="client",
    given="a server whose `Upload-Offset` is `²`, `-5`, has 5,000 digits or lies behind the file, in the Python client",
    before="ValueError, or a request with a negative length",
    now="a ServerError",
)
@pytest.mark.parametrize("offset", ["²", "-5", "9" * 5000, "11", "", "1.5", "0x1", "+1"])
def test_an_offset_that_is_none(file, offset):
    server = Server(
        (201, {"location": "/gradio_api/tus/x"}, b""), (409, {}, b""), (200, {"upload-offset": offset}, b"")
    )
    upload = ResumableUpload(server, "", file, 10, lambda _: None)
    with pytest.raises(ServerError, match="how much of the upload"):
        asyncio.run(upload.send())
