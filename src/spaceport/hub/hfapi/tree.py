"""The files and directories of a revision."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces.repository import Entry, Repo


async def tree(request: Request) -> Response:
    """`GET …/tree/{rev}[/{path}]`."""
    hub = hub_of(request)
    repo = hub.spaces.repo(space_of(request))
    recursive = request.query_params.get("recursive", "").lower() in ("true", "1")
    expand = request.query_params.get("expand", "").lower() in ("true", "1")
    revision, path = request.path_params["revision"], request.path_params.get("path", "").strip("/")

    def found() -> list[dict[str, Any]]:
        if not path and revision == "main" and repo.head() is None:
            return []
        made = repo.commit_of(revision)
        return [_entry(repo, made, one, expand=expand) for one in repo.tree(made, path, recursive=recursive)]

    return JSONResponse(await in_thread(found))


async def paths_info(request: Request) -> Response:
    """`POST …/paths-info/{rev}`: of some paths what `tree` says; a form, not JSON."""
    hub = hub_of(request)
    repo = hub.spaces.repo(space_of(request))
    async with request.form(max_fields=2000) as form:
        wanted = {str(path).strip("/") for path in form.getlist("paths")}
        expand = str(form.get("expand", "")).lower() == "true"
    revision = request.path_params["revision"]

    def found() -> list[dict[str, Any]]:
        made = repo.commit_of(revision)
        return [_entry(repo, made, one, expand=expand) for one in repo.tree(made) if one.path in wanted]

    return JSONResponse(await in_thread(found))


def _entry(repo: Repo, made: str, one: Entry, *, expand: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "directory" if one.directory else "file", "path": one.path, "oid": one.oid}
    shown["size"] = one.size
    if expand:
        (last,) = repo.log(made, 1)
        shown["lastCommit"] = {"id": last.id, "title": last.title, "date": stamp(last.at)}
    return shown
