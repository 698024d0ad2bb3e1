"""The files and directories of a revision."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.bodies import form
from spaceport.hub.api.request import hub_of, in_thread, space_of
from spaceport.hub.hfapi.pages import limit_of, link_to
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces.repository import Commit, Entry

_PAGE = 10_000
"""Entries of a page. Its size is bounded, and clients that do not know pages get most trees whole."""
_CURSOR = re.compile(r"[0-9]{1,9}")


async def tree(request: Request) -> Response:
    """`GET …/tree/{rev}[/{path}]`, in pages that `Link` connects. The cursor is the place of the next entry."""
    spaces, space = hub_of(request).spaces, space_of(request)
    recursive, expand = _flag(request.query_params.get("recursive")), _flag(request.query_params.get("expand"))
    revision, path = request.path_params["revision"], request.path_params.get("path", "").strip("/")
    limit, start = limit_of(request, _PAGE), _position(request.query_params.get("cursor"))

    def found() -> tuple[list[dict[str, Any]], bool]:
        if not path and revision == "main" and spaces.head(space) is None:
            return [], False
        commit = spaces.commit_of(space, revision)
        last = spaces.commit(space, commit) if expand else None
        every = spaces.tree(space, commit, path, recursive=recursive)
        return entries(itertools.islice(every, start, start + limit), last), len(every) > start + limit

    page, more = await in_thread(found)
    return JSONResponse(page, headers=link_to(request, str(start + limit) if more and limit else None))


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


def _position(cursor: str | None) -> int:
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise InvalidInput("`cursor` must be one of a `Link` header.")
    return int(cursor or 0)


def _flag(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1")
