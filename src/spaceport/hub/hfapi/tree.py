"""The files and directories of a revision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.bodies import form
from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces.repository import Commit, Entry


async def tree(request: Request) -> Response:
    """`GET …/tree/{rev}[/{path}]`."""
    spaces, space = hub_of(request).spaces, space_of(request)
    recursive, expand = _flag(request.query_params.get("recursive")), _flag(request.query_params.get("expand"))
    revision, path = request.path_params["revision"], request.path_params.get("path", "").strip("/")

    def found() -> list[dict[str, Any]]:
        if not path and revision == "main" and spaces.head(space) is None:
            return []
        commit = spaces.commit_of(space, revision)
        last = spaces.commit(space, commit) if expand else None
        return entries(spaces.tree(space, commit, path, recursive=recursive), last)

    return JSONResponse(await in_thread(found))


async def paths_info(request: Request) -> Response:
    """`POST …/paths-info/{rev}`: what `tree` says of some paths; a form, not JSON."""
    spaces, space = hub_of(request).spaces, space_of(request)
    fields = await form(request)
    wanted = {value.strip("/") for key, value in fields if key == "paths"}
    expand = any(_flag(value) for key, value in fields if key == "expand")
    revision = request.path_params["revision"]

    def found() -> list[dict[str, Any]]:
        commit = spaces.commit_of(space, revision)
        last = spaces.commit(space, commit) if expand else None
        return entries((one for one in spaces.tree(space, commit) if one.path in wanted), last)

    return JSONResponse(await in_thread(found))


def entries(found: Iterable[Entry], commit: Commit | None) -> list[dict[str, Any]]:
    """With `commit`, the revision's own, each entry names it."""
    last: dict[str, Any] = {}
    if commit is not None:
        last = {"lastCommit": {"id": commit.id, "title": commit.title, "date": stamp(commit.at)}}
    return [
        {
            "type": "directory" if one.directory else "file",
            "path": one.path,
            "oid": one.oid,
            "size": one.size,
            **last,
        }
        for one in found
    ]


def _flag(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1")
