"""uvicorn's HTTP protocol with a deadline: who sends a request's head byte by byte is not waited for."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


def with_deadline(head_s: float) -> type[HttpToolsProtocol]:
    """The protocol for `uvicorn.Config`: a head is there `head_s` after its connection was made, or its first byte."""
    return type("DeadlineProtocol", (_Deadline,), {"head_s": head_s})


class _Deadline(HttpToolsProtocol):
    head_s: float
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._stop()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._stop()
        self._late = self.loop.call_later(self.head_s, self._hang_up)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
