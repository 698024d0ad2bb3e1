"""What `hf upload` sends: which files travel how, and the commit with their contents."""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput, TooLarge
from spaceport.hub.api.request import fleet_of, hub_of, identity_of, in_thread, root_of, space_of
from spaceport.hub.hfapi.bodies import json_object, text_of
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.directory import README
from spaceport.hub.spaces.front_matter import MAX_BYTES
from spaceport.hub.spaces.repository import Change, Repo, check_path

_COMMIT_BYTES = 512 << 20
"""Of a commit as it travels: base64 in lines of JSON."""
_LINE_BYTES = 192 << 20
_MAX_PREUPLOAD = 4 << 20


async def preupload(request: Request) -> Response:
    """`POST …/preupload/{rev}`: every file travels in the commit; ids of those that are here spare a second trip."""
    hub, space = hub_of(request), space_of(request)
    values = await json_object(request, _MAX_PREUPLOAD)
    files = values.get("files")
    if not isinstance(files, list):
        raise InvalidInput("`files` is a list.")
    paths = [check_path(text_of(one, "path")) for one in files if isinstance(one, dict)]
    repo = hub.spaces.repo(space)

    def known() -> dict[str, str]:
        head = repo.head()
        return {} if head is None else {one.path: one.oid for one in repo.tree(head) if not one.directory}

    oids = await in_thread(known)
    shown: list[dict[str, Any]] = []
    for path in paths:
        oid = {"oid": oids[path]} if path in oids else {}
        shown.append({"path": path, "uploadMode": "regular", "shouldIgnore": False, **oid})
    return JSONResponse({"files": shown})


async def commit(request: Request) -> Response:
    """`POST …/commit/{rev}`: lines of JSON: a header, files, removals."""
    hub, identity = hub_of(request), identity_of(request)
    space = space_of(request)
    if request.path_params["revision"] != "main" or request.query_params.get("create_pr") == "1":
        raise InvalidInput("Commit to main: this hub has no other branches and no pull requests.")
    author = identity.owner.name if identity.owner else ""
    with tempfile.TemporaryDirectory(prefix="spaceport-commit-") as folder:
        body = Path(folder) / "body"
        with body.open("wb") as file:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                if size > _COMMIT_BYTES:
                    raise TooLarge(f"A commit has at most {_COMMIT_BYTES >> 20} MiB. Send the files in several.")
                await in_thread(lambda data=chunk: file.write(data))  # type: ignore[misc]
        made = await in_thread(lambda: _commit(hub.spaces.repo(space), body, author))
    await in_thread(lambda: hub.spaces.committed(space, made))
    fleet_of(request).of(hub.spaces.get_readable(identity, space.owner, space.name)).committed()
    address = f"{root_of(request)}/spaces/{space.full_name}/commit/{made}"
    return JSONResponse({"commitUrl": address, "commitOid": made, "success": True})


def _commit(repo: Repo, body: Path, author: str) -> str:
    header: dict[str, Any] = {}
    changes: list[Change] = []
    with body.open("rb") as file:
        for number, (kind, value) in enumerate(_lines(file)):
            if kind == "header":
                header = value
            elif kind == "file":
                changes.append(Change(check_path(text_of(value, "path")), _content(value, body.parent / str(number))))
            elif kind in ("deletedFile", "deletedFolder", "deletedEntry"):
                changes.append(Change(text_of(value, "path"), None))
            else:
                raise InvalidInput(f"This hub takes files in the commit itself, not {str(kind)[:50]!r}.")
    for change in changes:
        if change.path == README and change.content is not None:
            faults = readme.faults_of(_beginning(change.content))
            if faults:
                raise InvalidInput(f"{README} cannot be committed. {' '.join(faults)}")
    title = text_of(header, "summary", "") or "Update"
    return repo.commit(changes, author, title, text_of(header, "description", ""), header.get("parentCommit"))


def _beginning(file: Path) -> str:
    """As much of a README as front matter may take, and a little more."""
    with file.open("rb") as opened:
        return opened.read(2 * MAX_BYTES).decode("utf-8", "replace")


def _lines(file: IO[bytes]) -> Iterator[tuple[Any, dict[str, Any]]]:
    while line := file.readline(_LINE_BYTES + 1):
        if len(line) > _LINE_BYTES:
            raise TooLarge(f"A file has at most {_LINE_BYTES * 3 // 4 >> 20} MiB here.")
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise InvalidInput("A commit is lines of JSON.") from None
        value = found.get("value") if isinstance(found, dict) else None
        if not isinstance(value, dict):
            raise InvalidInput("Each line of a commit has `key` and `value`.")
        yield found.get("key"), value


def _content(value: dict[str, Any], target: Path) -> Path:
    text = text_of(value, "content")
    try:
        data = base64.b64decode(text, validate=True) if value.get("encoding") == "base64" else text.encode()
    except (binascii.Error, ValueError):
        raise InvalidInput(f"The content of {value['path'][:200]!r} is not base64.") from None
    target.write_bytes(data)
    return target
