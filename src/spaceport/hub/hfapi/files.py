"""A Space's files: checked, committed, listed and downloaded."""

from __future__ import annotations

import base64
import binascii
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from spaceport.errors import InvalidInput, TooLarge, Unauthenticated
from spaceport.hub.hfapi.answers import body_of, fleet_of, hub_of, identity_of, in_thread, root_of, text_of
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.directory import README
from spaceport.hub.spaces.front_matter import MAX_BYTES
from spaceport.hub.spaces.repository import Change, Entry, EntryNotFound, Repo, check_path

_COMMIT_BYTES = 512 << 20
"""Of a commit as it travels: base64 in lines of JSON."""
_LINE_BYTES = 192 << 20
_PREUPLOAD_BYTES = 4 << 20
_POLICY = "sandbox; default-src 'none'"


async def validate_yaml(request: Request) -> Response:
    """`POST /api/validate-yaml`: what is wrong with a README's metadata."""
    if identity_of(request).owner is None:
        raise Unauthenticated("Send a token to validate a README: Authorization: Bearer hf_…")
    content = text_of(await body_of(request, _PREUPLOAD_BYTES), "content")
    found = await in_thread(lambda: readme.faults_of(content))
    shown = {"errors": [{"message": text} for text in found], "warnings": []}
    return JSONResponse({**shown, "error": " ".join(found)} if found else shown, 400 if found else 200)


async def preupload(request: Request) -> Response:
    """`POST …/preupload/{rev}`: every file travels in the commit; ids of those that are here spare a second trip."""
    hub, identity = hub_of(request), identity_of(request)
    space = hub.spaces.written(identity, *_id(request))
    values = await body_of(request, _PREUPLOAD_BYTES)
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
    space = hub.spaces.written(identity, *_id(request))
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
    fleet_of(request).of(hub.spaces.seen(identity, *_id(request))).committed()
    address = f"{root_of(request)}/spaces/{space.full_name}/commit/{made}"
    return JSONResponse({"commitUrl": address, "commitOid": made, "success": True})


async def tree(request: Request) -> Response:
    """`GET …/tree/{rev}[/{path}]`."""
    hub = hub_of(request)
    repo = hub.spaces.repo(hub.spaces.seen(identity_of(request), *_id(request)))
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
    repo = hub.spaces.repo(hub.spaces.seen(identity_of(request), *_id(request)))
    async with request.form(max_fields=2000) as form:
        wanted = {str(path).strip("/") for path in form.getlist("paths")}
        expand = str(form.get("expand", "")).lower() == "true"
    revision = request.path_params["revision"]

    def found() -> list[dict[str, Any]]:
        made = repo.commit_of(revision)
        return [_entry(repo, made, one, expand=expand) for one in repo.tree(made) if one.path in wanted]

    return JSONResponse(await in_thread(found))


async def resolve(request: Request) -> Response:
    """`HEAD` and `GET /spaces/{id}/resolve/{rev}/{path}`: a file, with ranges."""
    hub = hub_of(request)
    repo = hub.spaces.repo(hub.spaces.seen(identity_of(request), *_id(request)))
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
        except ValueError:
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


def _entry(repo: Repo, made: str, one: Entry, *, expand: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "directory" if one.directory else "file", "path": one.path, "oid": one.oid}
    shown["size"] = one.size
    if expand:
        (last,) = repo.log(made, 1)
        shown["lastCommit"] = {"id": last.id, "title": last.title, "date": stamp(last.at)}
    return shown


def _id(request: Request) -> tuple[str, str]:
    return request.path_params["owner"], request.path_params["name"]
