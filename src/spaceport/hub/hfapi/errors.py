"""Errors as Hugging Face's client reads them: a status, `X-Error-Code`, `X-Error-Message` and `{"error": …}`."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse

from spaceport.errors import BusyError, SpaceportError
from spaceport.hub.identity.access import SpaceNotFound
from spaceport.hub.spaces.repository import EntryNotFound, RevisionNotFound

_CODES = {SpaceNotFound: "RepoNotFound", RevisionNotFound: "RevisionNotFound", EntryNotFound: "EntryNotFound"}
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_MAX_HEADER = 500


def error_response(error: SpaceportError) -> JSONResponse:
    """The response for an error; the Hub answers 400 where a Space answers 422."""
    headers = {"x-error-message": header_text(error.message)}
    code = next((name for kind, name in _CODES.items() if isinstance(error, kind)), None)
    if code is not None:
        headers["x-error-code"] = code
    if isinstance(error, BusyError):
        headers["retry-after"] = str(max(1, int(error.retry_after_s)))
    status = 400 if error.status == 422 else error.status
    return JSONResponse({"error": error.message}, status, headers)


def header_text(text: str) -> str:
    """Text that a header can carry: printable ASCII on one line."""
    return _UNPRINTABLE.sub("?", text[:_MAX_HEADER])
