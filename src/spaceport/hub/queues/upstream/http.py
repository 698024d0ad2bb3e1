"""Requests of a lane to one replica: over the client's own transport, which says whether a request may have been taken,
and costs a call least (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from spaceport.client.transport.base import HttpResponse, Origin, Timeouts
from spaceport.client.transport.http1 import Http1
from spaceport.wire.documents import API_PREFIX

READ_S = 60.0
"""Replicas send a heartbeat on their streams every 15 s."""
_TIMES = Timeouts(10.0, READ_S)
_PATIENT = Timeouts(10.0, None)


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
        """One exchange, to be entered; `path` is below the API's, quoted. `patient`: however long it says nothing.

        Raises `ConnectionFailed` (`sent`: it may have been taken) and `RequestTimeout`.
        """
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        fields.append(self.host)
        if body is not None:
            fields.append((b"content-length", b"%d" % len(body)))
        times = _PATIENT if patient else _TIMES
        target = f"{API_PREFIX}/{path}?{query}" if query else f"{API_PREFIX}/{path}"
        return PendingResponse(self._http.send(method, self._origin, target, fields, body, times))


class PendingResponse:
    """An exchange: entered it is the answer, which is closed with it."""

    __slots__ = ("_answer", "_sent")

    def __init__(self, sent: Awaitable[HttpResponse]) -> None:
        self._sent = sent

    async def __aenter__(self) -> HttpResponse:
        self._answer = await self._sent
        return self._answer

    async def __aexit__(self, *_: object) -> None:
        await self._answer.close()


async def read_body(answer: HttpResponse) -> bytes:
    """Its body."""
    return b"".join([chunk async for chunk in answer.chunks()])


def headers_of(answer: HttpResponse) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
