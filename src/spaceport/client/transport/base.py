"""What `Http` asks of a transport, and what it says in return."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Headers = list[tuple[bytes, bytes]]
Content = bytes | AsyncGenerator[bytes, None] | None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read_s` is how long a server may be silent inside of one exchange; None: for ever."""

    connect_s: float | None = 10.0
    read_s: float | None = 60.0


class Origin(NamedTuple):
    """Scheme, host and port: what may share secrets, and connections."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.scheme == "https" else 80)
        return host if usual else f"{host}:{self.port}"


class HttpResponse(Protocol):
    """The head of an answer; its body once, by `chunks`. `close` it in every case."""

    status: int
    headers: Headers

    def chunks(self) -> AsyncIterator[bytes]: ...

    async def close(self) -> None: ...


class Transport(Protocol):
    async def send(
        self, method: str, origin: Origin, target: str, headers: Headers, content: Content, timeouts: Timeouts
    ) -> HttpResponse:
        """Raises `ConnectionFailed` and `RequestTimeout`, as do the answer's chunks."""
        ...

    async def close_idle(self) -> None:
        """Close the connections that nobody uses."""
        ...

    async def close(self) -> None: ...
