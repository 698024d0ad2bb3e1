"""Making, finding, changing and removing Spaces."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.request import fleet_of, hub_of, identity_of, in_thread, queues_of, root_of, space_of
from spaceport.hub.hfapi.bodies import json_object, text_of
from spaceport.hub.hfapi.describe import in_full, in_listing
from spaceport.hub.hfapi.running import seconds_of
from spaceport.hub.hfapi.variables import set_one
from spaceport.hub.spaces.directory import SpaceExists
from spaceport.store.hub.ports import SpaceRow

_PAGE = 1000


async def create(request: Request) -> Response:
    """`POST /api/repos/create`. A 409 carries the Space's address too, which `exist_ok` needs."""
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    name, owner = text_of(values, "name"), _owner(request, values)
    sdk, private = text_of(values, "sdk", "gradio"), _private(values)
    address = f"{root_of(request)}/spaces/{owner}/{name}"
    try:
        space = await in_thread(lambda: hub.spaces.create(identity, owner, name, sdk, private=private))
    except SpaceExists as error:
        return JSONResponse({"error": error.message, "url": address}, 409)
    _set_up(request, space, values)
    return JSONResponse({"url": address, "name": space.full_name, "id": str(space.id)})


async def duplicate(request: Request) -> Response:
    """`POST …/duplicate`: its files and variables under another name, without its secrets."""
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    source = space_of(request)
    owner, _, name = text_of(values, "repository").partition("/")
    address = f"{root_of(request)}/spaces/{owner}/{name}"
    private = _private(values)
    try:
        space = await in_thread(lambda: hub.spaces.duplicate(identity, source, owner, name, private=private))
    except SpaceExists as error:
        return JSONResponse({"error": error.message, "url": address}, 409)
    for one in hub.variables.variables(source):
        hub.variables.set(space, one.key, one.value.decode(), one.description, secret=False)
    _set_up(request, space, values)
    fleet_of(request).of(space).committed()
    return JSONResponse({"url": address, "name": space.full_name, "id": str(space.id)})


async def delete(request: Request) -> Response:
    """`DELETE /api/repos/delete`: with its files, variables and jobs."""
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    space = hub.spaces.get_writable(identity, _owner(request, values), text_of(values, "name"))
    await queues_of(request).remove(space)
    await fleet_of(request).remove(space)
    await in_thread(lambda: hub.spaces.remove(identity, space.owner, space.name))
    return JSONResponse({})


async def settings(request: Request) -> Response:
    """`PUT …/settings`: its visibility."""
    space, private = space_of(request), _private(await json_object(request))
    hub_of(request).spaces.set_private(space, private=private)
    return JSONResponse({"private": private})


async def info(request: Request) -> Response:
    """`GET /api/spaces/{id}[/revision/{rev}]`, and by its subdomain."""
    space, revision = space_of(request), request.path_params.get("revision")
    blobs = request.query_params.get("blobs", "").lower() == "true"
    return JSONResponse(await in_thread(lambda: in_full(request, space, revision, blobs=blobs)))


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
    return JSONResponse(await in_thread(lambda: [in_listing(request, space) for space in page]), headers=headers)


async def auth_check(_request: Request) -> Response:
    """`GET …/auth-check[/write]`: the caller may read, or write; the table of who may has already said so."""
    return JSONResponse({"ok": True})


def _set_up(request: Request, space: SpaceRow, values: dict[str, Any]) -> None:
    """Apply the secrets, variables and sleep time that a new Space is made with. Raises `InvalidInput`."""
    for kind in ("secrets", "variables"):
        for one in values.get(kind) or ():
            set_one(request, space, one, secret=kind == "secrets")
    if values.get("sleepTimeSeconds") is not None:
        hub_of(request).spaces.set_sleep(space, seconds_of(values["sleepTimeSeconds"]))


def _owner(request: Request, values: dict[str, Any]) -> str:
    """Whose Space a body is about: the organization's, else the caller's."""
    caller = identity_of(request).owner
    return text_of({"organization": values.get("organization") or (caller.name if caller else "")}, "organization")


def _only_spaces(values: dict[str, Any]) -> None:
    if values.get("type") != "space":  # without a type the client means a model
        raise InvalidInput("This hub has Spaces only: use the repository type `space`.")


def _private(values: dict[str, Any]) -> bool:
    return values.get("visibility") == "private" or values.get("private") is True


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("`limit` and `cursor` must be whole numbers.")
    return int(text)
