"""Making, describing, listing and removing Spaces."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.hfapi.answers import (
    app_of,
    body_of,
    fleet_of,
    hub_of,
    identity_of,
    in_thread,
    queues_of,
    root_of,
    text_of,
)
from spaceport.hub.hfapi.variables import set_one
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.runtime.space_runtime import SpaceRuntime
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.directory import SpaceExists
from spaceport.hub.spaces.repository import EntryNotFound
from spaceport.store.hub.ports import SpaceRow

_PAGE = 1000
_COMMITS = 1000


async def create(request: Request) -> Response:
    """`POST /api/repos/create`. 409 has the Space's address too, for `exist_ok`."""
    values, identity, hub = await body_of(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    name, owner = text_of(values, "name"), values.get("organization") or (identity.owner and identity.owner.name)
    if owner is None:
        identity.must_write("")
    address = f"{root_of(request)}/spaces/{owner}/{name}"
    sdk = text_of(values, "sdk", "gradio")
    try:
        space = await in_thread(lambda: hub.spaces.create(identity, str(owner), name, sdk, private=_private(values)))
    except SpaceExists as error:
        return JSONResponse({"error": error.message, "url": address}, 409)
    _set_up(request, space, values)
    return JSONResponse({"url": address, "name": space.full_name, "id": str(space.id)})


async def duplicate(request: Request) -> Response:
    """`POST …/duplicate`: its files and variables under another name; secrets do not come along."""
    values, identity, hub = await body_of(request), identity_of(request), hub_of(request)
    source = hub.spaces.seen(identity, *_id(request))
    owner, _, name = text_of(values, "repository").partition("/")
    address = f"{root_of(request)}/spaces/{owner}/{name}"
    try:
        space = await in_thread(lambda: hub.spaces.duplicate(identity, source, owner, name, private=_private(values)))
    except SpaceExists as error:
        return JSONResponse({"error": error.message, "url": address}, 409)
    for one in hub.values.variables(source):
        hub.values.set(space, one.key, one.value.decode(), one.description, secret=False)
    _set_up(request, space, values)
    fleet_of(request).of(space).committed()
    return JSONResponse({"url": address, "name": space.full_name, "id": str(space.id)})


def _set_up(request: Request, space: SpaceRow, values: dict[str, Any]) -> None:
    """Secrets, variables and the sleep time that a new Space is made with. Raises `InvalidInput`."""
    for kind in ("secrets", "variables"):
        for one in values.get(kind) or ():
            set_one(request, space, one, secret=kind == "secrets")
    if values.get("sleepTimeSeconds") is not None:
        hub_of(request).spaces.set_sleep(space, _seconds(values["sleepTimeSeconds"]))


async def delete(request: Request) -> Response:
    """`DELETE /api/repos/delete`."""
    values, identity, hub = await body_of(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    owner = values.get("organization") or (identity.owner.name if identity.owner else "")
    space = hub.spaces.written(identity, str(owner), text_of(values, "name"))
    await queues_of(request).remove(space)
    await fleet_of(request).remove(space)
    await in_thread(lambda: hub.spaces.remove(identity, space.owner, space.name))
    return JSONResponse({})


async def settings(request: Request) -> Response:
    """`PUT /api/spaces/{id}/settings`: its visibility."""
    values, identity, hub = await body_of(request), identity_of(request), hub_of(request)
    hub.spaces.set_private(identity, *_id(request), private=_private(values))
    return JSONResponse({"private": _private(values)})


async def info(request: Request) -> Response:
    """`GET /api/spaces/{id}[/revision/{rev}]`."""
    hub = hub_of(request)
    space = hub.spaces.seen(identity_of(request), *_id(request))
    revision, blobs = request.path_params.get("revision"), request.query_params.get("blobs", "").lower() == "true"
    return JSONResponse(await in_thread(lambda: _full(request, space, revision, blobs=blobs)))


async def listing(request: Request) -> Response:
    """`GET /api/spaces`: newest change first, in pages that `Link` connects."""
    query = request.query_params
    limit, start = _number(query.get("limit"), _PAGE), _number(query.get("cursor"), 0)
    identity, hub = identity_of(request), hub_of(request)
    found = hub.spaces.listing(identity, author=query.get("author"), search=query.get("search"))
    page = found[start : start + limit]
    headers = {}
    if start + limit < len(found) and limit:
        following = request.url.include_query_params(cursor=start + limit)
        headers["link"] = f'<{following}>; rel="next"'
    return JSONResponse(await in_thread(lambda: [_brief(request, space) for space in page]), headers=headers)


async def runtime(request: Request) -> Response:
    """`GET /api/spaces/{id}/runtime`."""
    hub = hub_of(request)
    space = hub.spaces.seen(identity_of(request), *_id(request))
    return JSONResponse(await in_thread(lambda: _runtime(request, space)))


async def host(request: Request) -> Response:
    """`GET /api/spaces/{id}/host`: where its app is."""
    hub = hub_of(request)
    space = hub.spaces.seen(identity_of(request), *_id(request))
    return JSONResponse({"host": app_of(request, space.full_name), "subdomain": space.subdomain})


async def restart(request: Request) -> Response:
    """`POST …/restart`: afresh, at once."""
    return await _told(request, SpaceRuntime.restart)


async def pause(request: Request) -> Response:
    """`POST …/pause`: stopped until a restart."""
    return await _told(request, SpaceRuntime.pause)


async def sleep_time(request: Request) -> Response:
    """`POST …/sleeptime`: seconds without a request until it sleeps, -1 for never."""
    hub = hub_of(request)
    space = hub.spaces.written(identity_of(request), *_id(request))
    hub.spaces.set_sleep(space, _seconds((await body_of(request)).get("seconds")))
    fleet_of(request).of(space).sleep_time_changed()
    return JSONResponse(await in_thread(lambda: _runtime(request, space)))


async def by_subdomain(request: Request) -> Response:
    """`GET /api/spaces/by-subdomain/{subdomain}`: a Space by the first label of its own address."""
    space = hub_of(request).spaces.by_subdomain(identity_of(request), request.path_params["subdomain"])
    return JSONResponse(await in_thread(lambda: _full(request, space, None, blobs=False)))


async def _told(request: Request, what: Callable[[SpaceRuntime], Awaitable[None]]) -> Response:
    hub = hub_of(request)
    space = hub.spaces.written(identity_of(request), *_id(request))
    await what(fleet_of(request).of(space))
    return JSONResponse(await in_thread(lambda: _runtime(request, space)))


async def refs(request: Request) -> Response:
    hub = hub_of(request)
    space = hub.spaces.seen(identity_of(request), *_id(request))
    head = await in_thread(lambda: hub.spaces.head(space))
    branches = [] if head is None else [{"name": "main", "ref": "refs/heads/main", "targetCommit": head}]
    return JSONResponse({"branches": branches, "tags": [], "converts": []})


async def commits(request: Request) -> Response:
    hub = hub_of(request)
    space = hub.spaces.seen(identity_of(request), *_id(request))
    repo, revision = hub.spaces.repo(space), request.path_params["revision"]
    found = await in_thread(lambda: repo.log(repo.commit_of(revision), _COMMITS))
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


async def auth_check(request: Request) -> Response:
    """`GET …/auth-check[/write]`: whether the caller may read, or write."""
    identity, hub = identity_of(request), hub_of(request)
    if request.url.path.endswith("/write"):
        hub.spaces.written(identity, *_id(request))
    else:
        hub.spaces.seen(identity, *_id(request))
    return JSONResponse({"ok": True})


def _full(request: Request, space: SpaceRow, revision: str | None, *, blobs: bool) -> dict[str, Any]:
    repo = hub_of(request).spaces.repo(space)
    commit = repo.commit_of(revision) if revision not in (None, "main", "HEAD") else hub_of(request).spaces.head(space)
    entries = repo.tree(commit) if commit is not None else []
    files: list[dict[str, Any]] = [
        {"rfilename": one.path, **({"size": one.size, "blobId": one.oid} if blobs else {})}
        for one in entries
        if not one.directory
    ]
    return {**_brief(request, space, commit), "siblings": files}


def _brief(request: Request, space: SpaceRow, commit: str | None = None) -> dict[str, Any]:
    spaces = hub_of(request).spaces
    commit = commit or spaces.head(space)
    card = spaces.card(space, commit)
    return {
        "_id": str(space.id),
        "id": space.full_name,
        "author": space.owner,
        "sha": commit,
        "sdk": space.sdk,
        "subdomain": space.subdomain,
        "host": app_of(request, space.full_name),
        "private": space.private,
        "disabled": False,
        "gated": False,
        "likes": 0,
        "tags": [space.sdk, *readme.tags(card)],
        "cardData": card,
        "createdAt": stamp(space.created_at),
        "lastModified": stamp(space.updated_at),
        "runtime": _runtime(request, space, commit),
    }


def _runtime(request: Request, space: SpaceRow, commit: str | None = None) -> dict[str, Any]:
    """As the fleet knows it; of a Space that was not started here, whether it has its app file: a request wakes it."""
    runtime = fleet_of(request).of(space)
    stage, error = runtime.stage()
    up = len(runtime.replicas)
    hardware = {"current": "cpu-basic" if up else None, "requested": "cpu-basic"}
    queued = queues_of(request).is_durable(space)
    rest = {
        "queued": queued,
        "hardware": hardware,
        "storage": None,
        "replicas": {"current": up, "requested": runtime.desired_replicas()},
        "gcTimeout": _shown_sleep(request, space),
        "sha": runtime.serving(),
    }
    if stage is not None and stage != "STOPPED":
        about = {"stage": stage, **rest}
        return {**about, "errorMessage": error} if error else about
    spaces = hub_of(request).spaces
    commit = commit or spaces.head(space)
    app_file = readme.app_file(spaces.card(space, commit), space.sdk)
    stage = "NO_APP_FILE"
    if commit is not None:
        try:
            spaces.repo(space).entry(commit, app_file)
            stage = "BUILDING" if queues_of(request).is_new(space) else "SLEEPING"
            stage = "RUNNING" if space.sdk == "static" else stage
        except (EntryNotFound, InvalidInput):
            pass
    return {"stage": stage, **rest, "sha": commit}


def _shown_sleep(request: Request, space: SpaceRow) -> int:
    seconds = fleet_of(request).of(space).sleep_s()
    return -1 if seconds < 0 else int(seconds)


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (value == -1 or 0 < value < 1e9):
        raise InvalidInput("seconds is a number above 0, or -1 for never.")
    return float(value)


def _id(request: Request) -> tuple[str, str]:
    return request.path_params["owner"], request.path_params["name"]


def _only_spaces(values: dict[str, Any]) -> None:
    if values.get("type") != "space":  # without a type the client means a model
        raise InvalidInput("This hub has Spaces only: use the repository type `space`.")


def _private(values: dict[str, Any]) -> bool:
    return values.get("visibility") == "private" or values.get("private") is True


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("limit and cursor are whole numbers.")
    return int(text)
