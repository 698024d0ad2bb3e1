"""A commit of a Space, and what it has changed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.runtime.logs import stamp

_MAX_DIFF = 512 << 10


async def commit(request: Request) -> Response:
    """`GET …/commit/{revision}`: with a unified diff; `truncated`: it is longer. Raises `RevisionNotFound`."""
    spaces, space, revision = hub_of(request).spaces, space_of(request), request.path_params["revision"]

    def found() -> dict[str, object]:
        one = spaces.commit(space, spaces.commit_of(space, revision))
        diff, complete = spaces.repo(space).diff(one.id, _MAX_DIFF)
        return {
            "id": one.id,
            "title": one.title,
            "message": one.message,
            "date": stamp(one.at),
            "authors": [{"user": one.author}],
            "diff": diff.decode("utf-8", "replace"),
            "truncated": not complete,
        }

    return JSONResponse(await in_thread(found))
