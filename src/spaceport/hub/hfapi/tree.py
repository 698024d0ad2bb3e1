"""The files and directories of a revision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.hfapi.bodies import form
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces.repository import Entry, Repo


async def tree(request: Request) -> Response:
    """`GET …/tree/{rev}[/{path}]`."""
    repo = hub_of(request).spaces.repo(space_of(request))
    recursive, expand = _flag(request.query_params.get("recursive")), _flag(request.query_params.get("expand"))
    revision, path = request.path_params["revision"], request.path_params.get("path", "").strip("/")

    def found() -> list[dict[str, Any]]:
        if not path and revision == "main" and repo.head() is None:
            return []
        commit = repo.commit_of(revision)
        return _entries(repo, commit, repo.tree(commit, path, recursive=recursive), expand=expand)

    return JSONResponse(await in_thread(found))


async def paths_info(request: Request) -> Response:
    """`POST …/paths-info/{rev}`: what `tree` says of some paths; a form, not JSON."""
    repo = hub_of(request).spaces.repo(space_of(request))
    fields = await form(request)
    wanted = {value.strip("/") for key, value in fields if key == "paths"}
    expand = any(_flag(value) for key, value in fields if key == "expand")
    revision = request.path_params["revision"]

    def found() -> list[dict[str, Any]]:
        commit = repo.commit_of(revision)
        return _entries(repo, commit, (one for one in repo.tree(commit) if one.path in wanted), expand=expand)

    return JSONResponse(await in_thread(found))


def _entries(repo: Repo, commit: str, entries: Iterable[Entry], *, expand: bool) -> list[dict[str, Any]]:
    """With `expand` each entry names the revision's own commit."""
    last: dict[str, Any] = {}
    if expand:
        (newest,) = repo.log(commit, 1)
        last = {"lastCommit": {"id": newest.id, "title": newest.title, "date": stamp(newest.at)}}
    return [
        {
            "type": "directory" if one.directory else "file",
            "path": one.path,
            "oid": one.oid,
            "size": one.size,
            **last,
        }
        for one in entries
    ]


def _flag(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1")
