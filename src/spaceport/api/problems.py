"""Writes errors: in Gradio's shape, or as problem documents (RFC 9457) on our own routes and where accepted."""

from __future__ import annotations

import logging
import math
from typing import Any

from spaceport.api.asgi import Headers
from spaceport.api.exchange import HttpExchange
from spaceport.errors import BusyError, InternalError, InvalidInput, SpaceportError, Unauthenticated
from spaceport.wire.documents import API_PREFIX
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.api")

PROBLEM = b"application/problem+json"
_JOBS = f"{API_PREFIX}/jobs"
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


async def answer(request: HttpExchange, error: SpaceportError) -> None:
    """Answer a request with the error that it caused, with `Retry-After` for a `BusyError`."""
    request.context.refused(error.code)
    headers: Headers = []
    if isinstance(error, BusyError):
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(error.retry_after_s))))
    if isinstance(error, Unauthenticated) and not _in_browser(request):
        headers.append((b"www-authenticate", b'Basic realm="Space"'))
    detail: Any = detail_of(error)
    if isinstance(error, Unauthenticated):
        detail = {"error": "Not authenticated", "auth_message": request.context.auth.message}
    await write(request, error.status, error.code, error.message, detail, {}, headers)


def _in_browser(request: HttpExchange) -> bool:
    """Whether a browser asks for a page or for part of one. `WWW-Authenticate` would cover the page's login form."""
    return "text/html" in request.header(b"accept") or request.header(b"sec-fetch-mode") not in ("", "navigate")


async def answer_bug(request: HttpExchange) -> None:
    """Answer 500 for an unexpected exception, with the request id only; the log has the traceback under that id."""
    logger.exception("request %s: %s %s failed", request.request_id, request.method, request.path)
    error = InternalError("Internal Server Error")
    await write(request, error.status, error.code, error.message, error.message, {}, [])


async def write(
    request: HttpExchange, status: int, code: str, message: str, detail: Any, extra: dict[str, Any], headers: Headers
) -> None:
    if all(name != b"x-request-id" for name, _ in request.extra):
        headers = [*headers, (b"x-request-id", request.request_id.encode("latin-1"))]
    if request.accepts(PROBLEM) or request.path.startswith(_JOBS):
        problem = problem_document(status, message, code=code, request_id=request.request_id, **extra)
        if isinstance(detail, list):
            problem["errors"] = detail
        await request.reply(status, encode(problem), PROBLEM, headers)
        return
    body = gradio_error(detail, code=code, request_id=request.request_id, **extra)
    await request.json(body, status, headers)


def detail_of(error: SpaceportError) -> str | list[dict[str, Any]]:
    """What `detail` says of an error in Gradio's form: an entry for each fault of the arguments, else a text."""
    return error.problems if isinstance(error, InvalidInput) and error.problems else error.message


def problem_document(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """The form of errors on our own routes (RFC 9457)."""
    return {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail, **more}


def gradio_error(detail: Any, **more: Any) -> dict[str, Any]:
    """The form of errors on Gradio's routes: its clients read `detail`, and some of them `error`."""
    return {"detail": detail, **more}
