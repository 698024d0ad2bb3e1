"""HTTP requests to one replica, over the client's own transport: it tells whether a failed request may have reached the
replica, and it is the fastest one (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from spaceport.client.errors import ConnectionFailed
from spaceport.client.transport.base import HttpResponse, Origin, Timeouts
from spaceport.client.transport.http1 import Http1
from spaceport.wire.documents import API_PREFIX

READ_TIMEOUT_S = 60.0
"""Replicas send a heartbeat on their streams every 15 s."""
MAX_BODY = 16 << 20
_TIMEOUTS = Timeouts(10.0, READ_TIMEOUT_S)
_NO_READ_TIMEOUT = Timeouts(10.0, None)


class ReplicaHttp:
    """HTTP requests to the replica at `address` (`host:port`)."""

    def __init__(self, http: Http1, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.connect_to = (host.strip("[]"), int(port))
        self._http = http
        self._origin = Origin("http", *self.connect_to)
        self.name = str(self._origin)
        self.host = (b"host", self.name.encode())

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        query: str = "",
        patient: bool = False,
    ) -> PendingResponse:
        """A request, whose response is the value of `async with`. `path` is quoted, below the API's prefix. `patient`:
        wait for the response without a limit.

        Raises `ConnectionFailed` (`sent`: the replica may have received the request) and `RequestTimeout`.
        """
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        fields.append(self.host)
        if body is not None:
            fields.append((b"content-length", b"%d" % len(body)))
        timeouts = _NO_READ_TIMEOUT if patient else _TIMEOUTS
        target = f"{API_PREFIX}/{path}?{query}" if query else f"{API_PREFIX}/{path}"
        return PendingResponse(self._http.send(method, self._origin, target, fields, body, timeouts))


class PendingResponse:
    """A request that is sent on entry. The response is closed on exit."""

    __slots__ = ("_answer", "_sent")

    def __init__(self, sent: Awaitable[HttpResponse]) -> None:
        self._sent = sent

    async def __aenter__(self) -> HttpResponse:
        self._answer = await self._sent
        return self._answer

    async def __aexit__(self, *_: object) -> None:
        await self._answer.close()


async def read_body(answer: HttpResponse) -> bytes:
    """The whole body. Raises `ConnectionFailed` above `MAX_BODY` bytes."""
    chunks = []
    size = 0
    async for chunk in answer.chunks():
        size += len(chunk)
        if size > MAX_BODY:
            raise ConnectionFailed(f"The replica's response has more than {MAX_BODY} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def headers_of(answer: HttpResponse) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
