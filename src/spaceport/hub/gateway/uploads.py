"""Keeps uploads from an app whose calls the hub forwards as they are.

Such an app may have the uploads of an earlier revision in its folder for files, and would serve them to anybody. Where
the hub queues the calls, the queue answers for uploads and knows whose they are (hub.queues.files).
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from spaceport.errors import Forbidden, InvalidInput, TooLarge
from spaceport.hub.gateway.exchange import ProxiedRequest
from spaceport.hub.queues.files import leads_into, names_file_in
from spaceport.wire.documents import API_PREFIX, FILE_PREFIX
from spaceport.wire.json import too_deep

_FILES = (FILE_PREFIX, f"{API_PREFIX}/file/", "/file=", "/file/")
"""Below which paths Gradio serves files, in this and in older versions."""
_CALLS = (f"{API_PREFIX}/", "/api/", "/call/", "/queue/", "/run/")
_MAX_BODY = 10 << 20
_TIMEOUT_S = 30.0


async def check_file(path: str, uploads: Path) -> None:
    """Raise `Forbidden` for the path of a request that leads into the folder `uploads`."""
    prefix = next((one for one in _FILES if path.startswith(one)), None)
    if prefix is not None and await asyncio.to_thread(_leads_into, path.removeprefix(prefix), uploads):
        raise Forbidden("File not allowed.")


def may_name_files(request: ProxiedRequest, path: str) -> bool:
    """Whether a request is a call whose body may name files: no form that has them itself.

    An app may read any of several `Content-Type` headers.
    """
    if request.scope["method"] != "POST" or not path.startswith(_CALLS):
        return False
    kinds = [value.strip().lower() for name, value in request.scope["headers"] if name == b"content-type"]
    return not kinds or not all(kind.startswith(b"multipart/") for kind in kinds)


async def check_call(request: ProxiedRequest, uploads: Path) -> None:
    """Raise `InvalidInput` for a call that names a file in `uploads`, `TooLarge` for one too large to tell."""
    if not await asyncio.to_thread(_has_files, uploads):
        return
    body = await request.peek(_MAX_BODY, _TIMEOUT_S)
    if len(body) > _MAX_BODY:
        raise TooLarge(f"The body has more than {_MAX_BODY} bytes.")
    if await asyncio.to_thread(_names_file_in, body, uploads):
        raise InvalidInput("The call names an upload of an earlier revision of this Space: upload the file again.")


def _leads_into(path: str, uploads: Path) -> bool:
    return leads_into(path, os.path.realpath(uploads))


def _names_file_in(body: bytes, uploads: Path) -> bool:
    """An app's reader of JSON may take more than is JSON: NaN, UTF-16, any depth."""
    if too_deep(body):
        return True
    try:
        value = json.loads(body)
    except ValueError:
        return False
    return names_file_in(value, os.path.realpath(uploads))


def _has_files(uploads: Path) -> bool:
    try:
        with os.scandir(uploads) as found:
            return any(True for _ in found)
    except OSError:
        return False
