"""Errors as answers: Gradio's body shape on Gradio's routes, RFC 9457 where the caller asks for it or on our own."""

from __future__ import annotations

import logging
import math
from typing import Any

from spaceport.api.exchange import Headers, HttpExchange
from spaceport.errors import BusyError, InternalError, InvalidInput, SpaceportError, Unauthenticated
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.api")

PROBLEM = b"application/problem+json"
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


async def answer(x: HttpExchange, error: SpaceportError) -> None:
    """Answer a request with the error it caused, with `Retry-After` where waiting helps."""
    x.surface.refused(error.code)
    headers: Headers = []
    if isinstance(error, BusyError):
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(error.retry_after_s))))
    if isinstance(error, Unauthenticated) and not _in_browser(x):
        headers.append((b"www-authenticate", b'Basic realm="Space"'))
    detail: Any = error.message
    extra: dict[str, Any] = {}
    if isinstance(error, InvalidInput) and error.problems:
        detail = error.problems
    if isinstance(error, Unauthenticated):
        detail = {"error": "Not authenticated", "auth_message": x.surface.auth.message}
    await write(x, error.status, error.code, error.message, detail, extra, headers)


def _in_browser(x: HttpExchange) -> bool:
    """Whether a page asks for itself or loads something: a browser would put its own question over the page's form."""
    return "text/html" in x.header(b"accept") or x.header(b"sec-fetch-mode") not in ("", "navigate")


async def answer_bug(x: HttpExchange) -> None:
    """Answer a bug of ours: an id and nothing else; the traceback is in the log under that id."""
    logger.exception("request %s: %s %s failed", x.request_id, x.method, x.path)
    error = InternalError("Internal Server Error")
    await write(x, error.status, error.code, error.message, error.message, {}, [])


async def write(
    x: HttpExchange, status: int, code: str, message: str, detail: Any, extra: dict[str, Any], headers: Headers
) -> None:
    if all(name != b"x-request-id" for name, _ in x.extra):
        headers = [*headers, (b"x-request-id", x.request_id.encode("latin-1"))]
    if x.accepts(PROBLEM) or x.path.startswith("/gradio_api/jobs"):
        problem = {
            "type": "about:blank",
            "title": _TITLES.get(status, "Error"),
            "status": status,
            "detail": message,
            "code": code,
            "request_id": x.request_id,
            **extra,
        }
        if isinstance(detail, list):
            problem["errors"] = detail
        await x.reply(status, encode(problem), PROBLEM, headers)
        return
    await x.json({"detail": detail, "code": code, "request_id": x.request_id, **extra}, status, headers)
