"""Routes about users, organizations, and who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import Forbidden, InvalidInput
from spaceport.hub.api.audited import note
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.request import fleet_of, hub_of, identity_of, in_thread, organization_of, queues_of, user_of
from spaceport.hub.identity.access import is_admin
from spaceport.store.hub.ports import Owner


async def users(request: Request) -> Response:
    """`GET /api/users`: all users of the hub."""
    owners = await in_thread(hub_of(request).store.owners)
    return JSONResponse([described(one) for one in owners if not one.organization])


async def add_user(request: Request) -> Response:
    """`POST /api/users`: `name`, and if need be `tier` and `admin`."""
    values, hub = await json_object(request), hub_of(request)
    name, tier, admin = text_of(values, "name"), text_of(values, "tier", "free"), values.get("admin") is True
    note(request, f"{name}, tier {tier}{', admin' if admin else ''}")
    made = await in_thread(lambda: hub.accounts.add(name, tier, admin=admin))
    return JSONResponse(described(made), 201)


async def change_user(request: Request) -> Response:
    """`PATCH /api/users/{user}`: its `name`, its `tier`, and whether it is an `admin`."""
    values, hub = await json_object(request), hub_of(request)
    note(request, ", ".join(f"{key} {values[key]}" for key in ("name", "tier", "admin") if key in values))
    name = hub.accounts.get_user(request.path_params["owner"]).name
    if "name" in values:
        name = (await rename_account(request, hub.accounts.get_user(name), text_of(values, "name"))).name
    if "tier" in values:
        hub.accounts.set_tier(name, text_of(values, "tier"))
    if "admin" in values:
        hub.accounts.set_admin(name, admin=values["admin"] is True)
    return JSONResponse(described(hub.accounts.get_user(name)))


async def remove_user(request: Request) -> Response:
    """`DELETE /api/users/{user}`: asks for its name as `confirm`, and says what goes with it."""
    user = hub_of(request).accounts.get_user(request.path_params["owner"])
    return await remove_account(request, user, await json_object(request))


async def add_organization(request: Request) -> Response:
    """`POST /api/organizations`: the caller becomes its admin."""
    name, hub, admin = text_of(await json_object(request), "name"), hub_of(request), user_of(request)
    note(request, name)
    made = await in_thread(lambda: hub.organizations.add(name, admin))
    return JSONResponse({"name": made.name, "role": "admin"}, 201)


async def change_organization(request: Request) -> Response:
    """`PATCH /api/organizations/{organization}`: its `name`, and, for admins of the hub, its `tier`."""
    values, hub, found = await json_object(request), hub_of(request), organization_of(request)
    note(request, ", ".join(f"{key} {values[key]}" for key in ("name", "tier") if key in values))
    if "tier" in values:
        if not is_admin(identity_of(request)):
            raise Forbidden("Only admins of the hub may change the tier of an organization.")
        tier = text_of(values, "tier")
        await in_thread(lambda: hub.accounts.set_tier(found.name, tier))
    if "name" in values or "tier" not in values:
        found = await rename_account(request, found, text_of(values, "name"))
    return JSONResponse({"name": found.name, "tier": hub.accounts.get_organization(found.name).tier})


async def storage(request: Request) -> Response:
    """`GET /api/organizations/{organization}/storage`: its tier, and the bytes that its Spaces keep and may keep."""
    hub, found = hub_of(request), organization_of(request)
    return JSONResponse({"tier": found.tier, **asdict(await in_thread(lambda: hub.storage.usage(found)))})


async def remove_organization(request: Request) -> Response:
    """`DELETE /api/organizations/{organization}`: asks for its name as `confirm`, and says what goes with it."""
    return await remove_account(request, organization_of(request), await json_object(request))


async def set_member(request: Request) -> Response:
    """`PUT …/members/{user}`: the `role` of a member."""
    role, hub, organization = text_of(await json_object(request), "role"), hub_of(request), organization_of(request)
    note(request, role)
    hub.organizations.set_role(organization, request.path_params["user"], role)
    return JSONResponse({"user": request.path_params["user"], "role": role})


async def remove_member(request: Request) -> Response:
    """`DELETE …/members/{user}`."""
    hub_of(request).organizations.remove_member(organization_of(request), request.path_params["user"])
    return JSONResponse({})


async def leave(request: Request) -> Response:
    """`POST …/leave`: the caller is a member no more. Raises `NotFound` for one who was none."""
    hub = hub_of(request)
    organization = hub.accounts.get_organization(request.path_params["owner"])
    hub.organizations.remove_member(organization, user_of(request).name)
    return JSONResponse({})


def described(user: Owner) -> dict[str, Any]:
    return {"name": user.name, "tier": user.tier, "admin": user.admin, "createdAt": user.created_at}


async def rename_account(request: Request, owner: Owner, name: str) -> Owner:
    """Give an account another name. Its Spaces start again, for they know their own names. Raises `InvalidInput`,
    `Conflict`."""
    hub = hub_of(request)
    renamed, spaces = await in_thread(lambda: hub.rename_account(owner, name))
    for space in spaces:
        await queues_of(request).remove(space)
        await fleet_of(request).remove(space)
        await queues_of(request).resume(space)
    return renamed


async def remove_account(request: Request, owner: Owner, values: Mapping[str, Any]) -> Response:
    """Delete an account. Raises `InvalidInput` with what goes with it, unless `values` confirm its name."""
    hub = hub_of(request)
    spaces = await in_thread(lambda: hub.spaces.all_of(owner))
    if values.get("confirm") != owner.name:
        raise InvalidInput(f'{hub.what_goes_with(owner)} To delete it, send {{"confirm": "{owner.name}"}}.')
    await in_thread(lambda: hub.accounts.remove(owner))
    for space in spaces:
        await queues_of(request).remove(space)
        await fleet_of(request).remove(space)
    await in_thread(lambda: hub.spaces.remove_files(spaces))
    return JSONResponse({"removed": owner.name, "spaces": [space.full_name for space in spaces]})
