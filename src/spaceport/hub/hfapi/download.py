"""A file of a revision, whole or in parts."""

from __future__ import annotations

import os
import tempfile
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.spaces.repository import EntryNotFound

_POLICY = "sandbox; default-src 'none'"


async def resolve(request: Request) -> Response:
    """`HEAD` and `GET /spaces/{id}/resolve/{rev}/{path}`: a file, with ranges."""
    hub = hub_of(request)
    repo = hub.spaces.repo(space_of(request))
    revision, path = request.path_params["revision"], request.path_params["path"]
    made = await in_thread(lambda: repo.commit_of(revision))
    try:
        found = await in_thread(lambda: repo.entry(made, path))
    except InvalidInput:
        raise EntryNotFound("There is no such file in this revision.") from None
    name = path.rpartition("/")[2]
    headers = {
        "x-repo-commit": made,
        "etag": f'"{found.oid}"',
        "content-disposition": f"attachment; filename*=utf-8''{quote(name)}",
        "x-content-type-options": "nosniff",
        "content-security-policy": _POLICY,
        "accept-ranges": "bytes",
    }
    if request.method == "HEAD":
        return Response(headers={**headers, "content-length": str(found.size)}, media_type="application/octet-stream")

    def copied() -> str:
        handle, place = tempfile.mkstemp(prefix="spaceport-file-")
        with os.fdopen(handle, "wb") as file:
            repo.copy_to(found.oid, file)
        return place

    place = await in_thread(copied)
    return FileResponse(
        place, headers=headers, media_type="application/octet-stream", background=BackgroundTask(os.unlink, place)
    )
