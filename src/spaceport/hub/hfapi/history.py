"""A Space's branches and commits."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.runtime.logs import stamp

_MAX_COMMITS = 1000


async def refs(request: Request) -> Response:
    """`GET …/refs`: the branch main, once it has a commit."""
    hub, space = hub_of(request), space_of(request)
    head = await in_thread(lambda: hub.spaces.head(space))
    branches = [] if head is None else [{"name": "main", "ref": "refs/heads/main", "targetCommit": head}]
    return JSONResponse({"branches": branches, "tags": [], "converts": []})


async def commits(request: Request) -> Response:
    """`GET …/commits/{rev}`: newest first."""
    spaces, space, revision = hub_of(request).spaces, space_of(request), request.path_params["revision"]
    found = await in_thread(lambda: spaces.repo(space).log(spaces.commit_of(space, revision), _MAX_COMMITS))
    shown = [
        {
            "id": one.id,
            "title": one.title,
            "message": one.message,
            "date": stamp(one.at),
            "authors": [{"user": one.author}],
        }
        for one in found
    ]
    return JSONResponse(shown, headers={"x-total-count": str(len(shown))})
