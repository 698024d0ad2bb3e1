"""What `hf upload` sends: which files travel how, and the commit with their contents."""

from __future__ import annotations

import codecs
import tempfile
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.bodies import json_object, pieces, text_of
from spaceport.hub.api.request import context_of, fleet_of, hub_of, identity_of, in_thread, origin_of, space_of
from spaceport.hub.hfapi.commit_body import read_commit
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.front_matter import MAX_BYTES
from spaceport.hub.spaces.repository import check_path
from spaceport.hub.spaces.summaries import README
from spaceport.hub.state import Hub
from spaceport.store.hub.ports import SpaceRow

_MAX_COMMIT = 512 << 20
"""Of a commit as it travels: base64 in lines of JSON."""
_MAX_PREUPLOAD = 4 << 20


async def preupload(request: Request) -> Response:
    """`POST …/preupload/{rev}`: every file travels in the commit; the ids of present files spare sending them again."""
    hub, space = hub_of(request), space_of(request)
    files = (await json_object(request, _MAX_PREUPLOAD)).get("files")
    if not isinstance(files, list):
        raise InvalidInput("`files` must be a list.")
    paths = [check_path(text_of(one, "path")) for one in files if isinstance(one, dict)]

    def known() -> dict[str, str]:
        head = hub.spaces.head(space)
        return {} if head is None else {one.path: one.oid for one in hub.spaces.tree(space, head) if not one.directory}

    oids = await in_thread(known)
    shown: list[dict[str, Any]] = []
    for path in paths:
        oid = {"oid": oids[path]} if path in oids else {}
        shown.append({"path": path, "uploadMode": "regular", "shouldIgnore": False, **oid})
    return JSONResponse({"files": shown})


async def commit(request: Request) -> Response:
    """`POST …/commit/{rev}`: lines of JSON: a header, files, removals."""
    hub, identity, space = hub_of(request), identity_of(request), space_of(request)
    if request.path_params["revision"] != "main" or request.query_params.get("create_pr") == "1":
        raise InvalidInput("Commit to main: this hub has no other branches and no pull requests.")
    author = identity.owner.name if identity.owner else ""
    limit = context_of(request).commits
    with limit.arriving(author), tempfile.TemporaryDirectory(prefix="spaceport-commit-") as folder:
        body = Path(folder) / "body"
        too_large = f"A commit has at most {_MAX_COMMIT >> 20} MiB. Send the files in several."
        with body.open("wb") as file:
            async for piece in pieces(request, _MAX_COMMIT, too_large):
                await in_thread(lambda data=piece: file.write(data))  # type: ignore[misc]
        async with limit.one_at_a_time:
            made = await in_thread(lambda: _commit(hub, space, body, Path(folder), author))
    await in_thread(lambda: hub.spaces.committed(space, made))
    fleet_of(request).of(hub.spaces.get_readable(identity, space.owner, space.name)).committed()
    address = f"{origin_of(request)}/spaces/{space.full_name}/commit/{made}"
    return JSONResponse({"commitUrl": address, "commitOid": made, "success": True})


def _commit(hub: Hub, space: SpaceRow, body: Path, folder: Path, author: str) -> str:
    """The new commit's id. Raises `InvalidInput`, `TooLarge` (where the Space's owner has no room, too), `Conflict`."""
    found, repo = read_commit(body, folder), hub.spaces.repo(space)
    for change in found.changes:
        if change.path == README and change.content is not None:
            faults = readme.faults_of(_beginning(change.content))
            if faults:
                raise InvalidInput(f"{README} cannot be committed. {' '.join(faults)}")
    with hub.storage.adding(space, repo.bytes_of_new(found.changes)):
        return repo.commit(found.changes, author, found.title, found.message, found.parent)


def _beginning(file: Path) -> str:
    """As much of a README as front matter may take, and a little more.

    Raises `InvalidInput` for UTF-16, as PowerShell's `>` writes it: its front matter would be passed over.
    """
    with file.open("rb") as opened:
        raw = opened.read(2 * MAX_BYTES)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidInput(f"{README} cannot be committed. It is UTF-16: save it as UTF-8.")
    return raw.decode("utf-8", "replace")
