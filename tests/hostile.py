"""A server that answers whatever a test wants."""

from __future__ import annotations

import http.server
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

Page = tuple[Any, ...] | Callable[..., tuple[Any, ...]]


@contextmanager
def serving(pages: Mapping[str, Page]) -> Iterator[str]:
    """The address of a server of `pages`, by the beginning of their paths; the longest counts.

    A page is a status, headers, a body and how often that is sent; or a function of the path, the request's body and,
    if it wants them, the request's headers, which returns one.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            page: Any = next(
                (pages[one] for one in sorted(pages, key=len, reverse=True) if self.path.startswith(one)),
                (404, {}, b""),
            )
            if callable(page):
                given = (self.path, body, self.headers)
                page = page(*given[: 3 if len(inspect.signature(page).parameters) == 3 else 2])
            status, headers, data, *times = page
            self.send_response(status)
            for name, value in headers.items() if isinstance(headers, dict) else headers:
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                for _ in range(times[0] if times else 1):
                    self.wfile.write(data)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
