"""Errors as Hugging Face's client reads them: a status, `X-Error-Code`, `X-Error-Message` and `{"error": …}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import JSONResponse

from spaceport.errors import BusyError, SpaceportError
from spaceport.hub.identity.access import SpaceNotFound
from spaceport.hub.spaces.repository import EntryNotFound, RevisionNotFound

_CODES = {SpaceNotFound: "RepoNotFound", RevisionNotFound: "RevisionNotFound", EntryNotFound: "EntryNotFound"}
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_MAX_HEADER = 500


def error_response(error: SpaceportError) -> JSONResponse:
    """The response for an error; the Hub answers 400 where a Space answers 422."""
    code = next((name for kind, name in _CODES.items() if isinstance(error, kind)), None)
    headers = {"retry-after": str(max(1, int(error.retry_after_s)))} if isinstance(error, BusyError) else {}
    return hub_error(error.message, 400 if error.status == 422 else error.status, code, headers, in_header=True)


def hub_error(
    text: str,
    status: int,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    in_header: bool = False,
    **more: str,
) -> JSONResponse:
    """The form of all errors of the Hub's API. `code` is the Hub's own; `in_header`: the text stands there, too."""
    found = {"x-error-message": header_text(text)} if in_header else {}
    if code is not None:
        found["x-error-code"] = code
    return JSONResponse({"error": text, **more}, status, {**found, **(headers or {})})


def header_text(text: str) -> str:
    """Text that a header can carry: printable ASCII on one line."""
    return _UNPRINTABLE.sub("?", text[:_MAX_HEADER])
