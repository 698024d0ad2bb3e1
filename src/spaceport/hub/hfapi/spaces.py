"""Making, finding, changing and removing Spaces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.audited import note, note_space
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.request import fleet_of, hub_of, identity_of, in_thread, origin_of, queues_of, space_of
from spaceport.hub.hfapi.describe import Describer
from spaceport.hub.hfapi.errors import hub_error
from spaceport.hub.hfapi.pages import limit_of, link_to
from spaceport.hub.hfapi.running import seconds_of
from spaceport.hub.hfapi.variables import Assignment
from spaceport.hub.identity.access import may_change
from spaceport.hub.spaces.directory import Search, SpaceExists
from spaceport.hub.state import Hub
from spaceport.store.hub.ports import Order, SpaceRow
from spaceport.wire.json import encode

_PAGE = 1000
_ORDERS: Mapping[str, Order] = {"createdAt": "created_at", "created_at": "created_at"}
"""What `sort` may say beside the time of the last change. Nobody likes Spaces here, so those orders are that one."""
_CURSOR = re.compile(r"([0-9]{1,12}\.[0-9]{1,9})_([0-9]{1,15})")


async def create(request: Request) -> Response:
    """`POST /api/repos/create`. A 409 carries the Space's address too, which `exist_ok` needs."""
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    name, owner = text_of(values, "name"), _owner(request, values)
    sdk, private = text_of(values, "sdk", "gradio"), bool(_private(values))
    address, start = f"{origin_of(request)}/spaces/{owner}/{name}", _Start.of(values)
    try:
        space = await in_thread(lambda: hub.spaces.create(identity, owner, name, sdk, private=private))
    except SpaceExists as error:
        return hub_error(error.message, 409, url=address)
    note_space(request, space)
    await in_thread(lambda: start.apply(hub, space))
    return JSONResponse({"url": address, "name": space.full_name, "id": str(space.id)})


async def duplicate(request: Request) -> Response:
    """`POST …/duplicate`: its files under another name, without its secrets. A private Space's copy is private unless
    the request says otherwise.

    Its variables come along only where the caller may read them: they may hold what is not for everybody.
    """
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    source = space_of(request)
    owner, _, name = text_of(values, "repository").partition("/")
    note(request, f"to {owner}/{name}")
    address = f"{origin_of(request)}/spaces/{owner}/{name}"
    asked, start = _private(values), _Start.of(values)
    private = source.private if asked is None else asked
    try:
        space = await in_thread(lambda: hub.spaces.duplicate(identity, source, owner, name, private=private))
    except SpaceExists as error:
        return hub_error(error.message, 409, url=address)
    if may_change(identity, source):
        await in_thread(lambda: hub.variables.copy(source, space))
    await in_thread(lambda: start.apply(hub, space))
    fleet_of(request).of(space).committed()
    return JSONResponse({"url": address, "name": space.full_name, "id": str(space.id)})


async def delete(request: Request) -> Response:
    """`DELETE /api/repos/delete`: with its files, variables and jobs."""
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    space = hub.spaces.get_managed(identity, _owner(request, values), text_of(values, "name"))
    note_space(request, space)
    await queues_of(request).remove(space)
    await fleet_of(request).remove(space)
    await in_thread(lambda: hub.spaces.remove(identity, space.owner, space.name))
    return JSONResponse({})


async def move(request: Request) -> Response:
    """`POST /api/repos/move`: another name, another owner, or both. Its app starts again, for it knows its own name."""
    values, identity, hub = await json_object(request), identity_of(request), hub_of(request)
    _only_spaces(values)
    owner, _, name = text_of(values, "fromRepo").partition("/")
    new_owner, _, new_name = text_of(values, "toRepo").partition("/")
    space = hub.spaces.get_managed(identity, owner, name)
    note_space(request, space)
    note(request, f"to {new_owner}/{new_name}")
    try:
        moved = await in_thread(lambda: hub.spaces.move(identity, space, new_owner, new_name))
    except SpaceExists as error:
        return hub_error(error.message, 409)
    await queues_of(request).remove(moved)
    await fleet_of(request).remove(moved)
    await queues_of(request).resume(moved)
    return JSONResponse({"url": f"{origin_of(request)}/spaces/{moved.full_name}", "name": moved.full_name})


async def settings(request: Request) -> Response:
    """`PUT …/settings`: its visibility, which stays where the request says nothing of it."""
    space, private = space_of(request), _private(await json_object(request))
    if private is None:
        return JSONResponse({"private": space.private})
    note(request, "private" if private else "public")
    hub_of(request).spaces.set_private(space, private=private)
    return JSONResponse({"private": private})


async def info(request: Request) -> Response:
    """`GET /api/spaces/{id}[/revision/{rev}]`, and by its subdomain. `canWrite`: whether the caller may change it."""
    space, revision = space_of(request), request.path_params.get("revision")
    blobs = request.query_params.get("blobs", "").lower() == "true"
    found = await in_thread(lambda: Describer(request).in_full(space, revision, blobs=blobs))
    return JSONResponse({**found, "canWrite": may_change(identity_of(request), space)})


async def listing(request: Request) -> Response:
    """`GET /api/spaces`: newest change first, in pages that `Link` connects. A search's page may be short, even empty.

    `stage` is the hub's own: one or more of a Space's stages, with commas between them.
    """
    query = request.query_params
    limit, after = limit_of(request, _PAGE), _position(query.get("cursor"))
    tags = [tag for one in query.getlist("filter") for tag in one.split(",") if tag]
    stages = {stage for one in query.getlist("stage") for stage in one.upper().split(",") if stage}
    order = _ORDERS.get(query.get("sort", ""), "updated_at")
    identity, spaces = identity_of(request), hub_of(request).spaces

    def found() -> tuple[bytes, str | None]:
        describer = Describer(request)
        accepts = (lambda one: describer.stage(one) in stages) if stages else None
        search = Search(query.get("author"), query.get("search", ""), tuple(tags), accepts)
        page = spaces.listing(identity, search, limit, order=order, after=after)
        body = encode([describer.in_listing(one) for one in page.spaces])
        return body, None if page.next is None else f"{page.next[0]!r}_{page.next[1]}"

    body, cursor = await in_thread(found)
    return Response(body, headers=link_to(request, cursor), media_type="application/json")


async def auth_check(_request: Request) -> Response:
    """`GET …/auth-check[/write]`: the caller may read, or write; the table of who may has already said so."""
    return JSONResponse({"ok": True})


@dataclass(frozen=True, slots=True)
class _Start:
    """What a new Space is made with, checked before it is made."""

    assignments: list[Assignment]
    sleep_s: float | None

    @classmethod
    def of(cls, values: dict[str, Any]) -> _Start:
        """Raises `InvalidInput`."""
        sleep = values.get("sleepTimeSeconds")
        return cls(Assignment.all_of(values), None if sleep is None else seconds_of(sleep))

    def apply(self, hub: Hub, space: SpaceRow) -> None:
        for one in self.assignments:
            one.apply(hub.variables, space)
        if self.sleep_s is not None:
            hub.spaces.set_sleep(space, self.sleep_s)


def _owner(request: Request, values: dict[str, Any]) -> str:
    """Whose Space a body is about: the organization's, else the caller's."""
    caller = identity_of(request).owner
    return text_of({"organization": values.get("organization") or (caller.name if caller else "")}, "organization")


def _only_spaces(values: dict[str, Any]) -> None:
    if values.get("type") != "space":  # without a type the client means a model
        raise InvalidInput("This hub has Spaces only: use the repository type `space`.")


def _private(values: dict[str, Any]) -> bool | None:
    """What a request says of who sees a Space; None where it says nothing. Raises `InvalidInput`."""
    visibility, private = values.get("visibility"), values.get("private")
    if visibility not in (None, "public", "private"):
        raise InvalidInput("`visibility` must be `public` or `private`: this hub has no other.")
    if not isinstance(private, bool | None):
        raise InvalidInput("`private` must be `true` or `false`.")
    if visibility is None:
        return private
    return visibility == "private" or private is True


def _position(cursor: str | None) -> tuple[float, int] | None:
    """The time and the id of the Space at a page's end."""
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidInput("`cursor` must be one of a `Link` header.")
    return float(found[1]), int(found[2])
