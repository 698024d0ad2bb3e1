"""The seam between `Http` and its transports."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Headers = list[tuple[bytes, bytes]]
Content = bytes | AsyncGenerator[bytes, None] | None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read_s` is how long a server may send nothing within one request; None: no limit."""

    connect_s: float | None = 10.0
    read_s: float | None = 60.0


class Origin(NamedTuple):
    """Scheme, host and port. Requests to the same origin may share secrets and connections."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.scheme == "https" else 80)
        return host if usual else f"{host}:{self.port}"


class HttpResponse(Protocol):
    """The head of a response. `chunks` gives the body, once; `close` must be called in every case."""

    status: int
    headers: Headers

    def chunks(self) -> AsyncIterator[bytes]: ...

    async def close(self) -> None: ...


class Transport(Protocol):
    async def send(
        self, method: str, origin: Origin, target: str, headers: Headers, content: Content, timeouts: Timeouts
    ) -> HttpResponse:
        """Send a request and wait for the head of the response.

        Raises `ConnectionFailed` and `RequestTimeout`, as do the response's chunks.
        """
        ...

    async def close_idle(self) -> None:
        """Close the connections that no request is using."""
        ...

    async def close(self) -> None: ...
