"""Routes about invitations into organizations."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.invitation_mail import address_of_invited, mail_invitation
from spaceport.hub.api.request import hub_of, in_thread, organization_of, origin_of, user_of
from spaceport.hub.identity.invitations import Offer
from spaceport.store.hub.organization_ports import Invitation


async def listing(request: Request) -> Response:
    """`GET …/invitations`: those that can still be used, without their links."""
    hub, organization = hub_of(request), organization_of(request)
    found = await in_thread(lambda: hub.invitations.listing(organization))
    return JSONResponse([_described(one) for one in found])


async def add(request: Request) -> Response:
    """`POST …/invitations`: a `role`, for so many `days` and `uses`, mailed to an `email`. The link is shown once."""
    values, hub, organization = await json_object(request), hub_of(request), organization_of(request)
    offer, role, inviter = offer_of(values), text_of(values, "role"), user_of(request)
    address = address_of_invited(values)
    secret = await in_thread(lambda: hub.invitations.add(organization, role, inviter, offer))
    link = f"{origin_of(request)}/join/{secret}"
    mailed = await mail_invitation(request, address, link, inviter)
    return JSONResponse({"link": link, "role": role, "uses": offer.uses, **mailed}, 201)


async def revoke(request: Request) -> Response:
    """`DELETE …/invitations/{id}`."""
    hub, organization = hub_of(request), organization_of(request)
    number = number_of(request.path_params["id"])
    await in_thread(lambda: hub.invitations.revoke(organization, number))
    return JSONResponse({})


async def accept(request: Request) -> Response:
    """`POST /api/invitations/accept`: `invitation` is the link, or its last part."""
    given, hub, user = text_of(await json_object(request), "invitation"), hub_of(request), user_of(request)
    joined = await in_thread(lambda: hub.invitations.accept(given.rpartition("/")[2], user))
    return JSONResponse({"organization": joined.name})


def offer_of(values: dict[str, Any]) -> Offer:
    """Raises `InvalidInput`."""
    default = Offer()
    days, uses = values.get("days", default.days), values.get("uses", default.uses)
    if isinstance(days, bool) or not isinstance(days, (int, float)) or type(uses) is not int:
        raise InvalidInput("`days` must be a number, and `uses` a whole number.")
    return Offer(days, uses)


def number_of(text: str) -> int:
    """The id of an invitation in a path. Raises `InvalidInput`."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidInput("An invitation's id is a whole number.")
    return int(text)


def _described(one: Invitation) -> dict[str, Any]:
    return {
        "id": one.id,
        "role": one.role,
        "inviter": one.inviter,
        "createdAt": one.created_at,
        "expiresAt": one.expires_at,
        "usesLeft": one.uses_left,
    }
