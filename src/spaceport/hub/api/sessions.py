"""Routes about signing in, up and out, and about the sessions and the password of the caller."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import Forbidden, Unauthenticated
from spaceport.hub.api import browser
from spaceport.hub.api.audited import tries
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.invitation_mail import address_of_invited, mail_invitation
from spaceport.hub.api.invitations import number_of, offer_of
from spaceport.hub.api.people import described, remove_account, rename_account
from spaceport.hub.api.request import context_of, hub_of, identity_of, in_thread, origin_of, user_of
from spaceport.hub.identity.sign_in import WRONG
from spaceport.store.hub.ports import Owner

_SECOND_STEP = "second step"
_CLOSED = {
    "invited": "This hub takes new users by invitation only: ask its admin for a link.",
    "closed": "This hub takes no new users.",
}


async def start(request: Request) -> Response:
    """`POST /api/sessions` with `name` and `password`: signs in; or answers 202 with a `ticket` for who has a second
    factor: `ticket` and `code` then sign in. Raises `Unauthenticated`, `RateLimited`."""
    values = await json_object(request)
    if "ticket" in values:
        user = await use_code(request, text_of(values, "ticket"), text_of(values, "code"))
        return _signed_in(request, user)
    user = await authenticate(request, text_of(values, "name"), text_of(values, "password"))
    return _signed_in(request, user, ticket_for(request, user))


async def listing(request: Request) -> Response:
    """`GET /api/sessions`: the caller's, the one used last first."""
    hub, user, current = hub_of(request), user_of(request), identity_of(request).session
    found = await in_thread(lambda: hub.sessions.of(user))
    return JSONResponse(
        [
            {
                "id": one.id,
                "device": one.device,
                "address": one.address,
                "createdAt": one.created_at,
                "usedAt": one.used_at,
                "current": current is not None and one.id == current.id,
            }
            for one in found
        ]
    )


async def revoke(request: Request) -> Response:
    """`DELETE /api/sessions/{id}`; `current` is the browser's own."""
    given, response = request.path_params["id"], JSONResponse({})
    if given == "current":
        browser.sign_out(request, response)
    else:
        hub_of(request).sessions.revoke(user_of(request), number_of(given))
    return response


async def revoke_others(request: Request) -> Response:
    """`DELETE /api/sessions`: all of the caller's but this one."""
    hub_of(request).sessions.revoke_all(user_of(request), but=identity_of(request).session)
    return JSONResponse({})


async def sign_up(request: Request) -> Response:
    """`POST /api/sign-up` with `name`, `password` and, if need be, `invitation`: makes an account and signs in."""
    values = await json_object(request)
    given = text_of(values, "invitation", "").rpartition("/")[2]
    user = await register(request, text_of(values, "name"), text_of(values, "password"), given)
    response = JSONResponse({"name": user.name}, 201)
    browser.sign_in(request, response, user)
    return response


async def account(request: Request) -> Response:
    """`GET /api/account`: the caller's own, with the bytes that its Spaces keep."""
    hub, user = hub_of(request), user_of(request)
    has_password = await in_thread(lambda: hub.passwords.has(user))
    storage = await in_thread(lambda: hub.storage.usage(user))
    return JSONResponse({**described(user), "password": has_password, "storage": asdict(storage)})


async def rename(request: Request) -> Response:
    """`PUT /api/account/name` with `name` and `password`: the caller is called so from now on."""
    values, user = await json_object(request), user_of(request)
    name = text_of(values, "name")
    await confirm_password(request, user, text_of(values, "password", ""))
    return JSONResponse({"name": (await rename_account(request, user, name)).name})


async def change_password(request: Request) -> Response:
    """`PUT /api/account/password` with `current` and `new`: the caller's other sessions end."""
    values = await json_object(request)
    await set_password(request, text_of(values, "current", ""), text_of(values, "new"))
    return JSONResponse({})


async def remove(request: Request) -> Response:
    """`DELETE /api/account` with `confirm`, the name, and `password`; without them it says what goes with it."""
    values, user = await json_object(request), user_of(request)
    if values.get("confirm") == user.name:
        await confirm_password(request, user, text_of(values, "password", ""))
    return await remove_account(request, user, values)


async def make_reset(request: Request) -> Response:
    """`POST /api/users/{user}/password-reset`: a link that sets a new password once, within a day."""
    hub, name = hub_of(request), request.path_params["owner"]
    secret = await in_thread(lambda: hub.passwords.make_reset(name))
    return JSONResponse({"link": f"{origin_of(request)}/reset/{secret}"}, 201)


async def reset(request: Request) -> Response:
    """`POST /api/password-resets` with `reset`, the link or its last part, and `password`: signs in as `start`."""
    values = await json_object(request)
    given = text_of(values, "reset").rpartition("/")[2]
    user = await use_reset(request, given, text_of(values, "password"))
    return _signed_in(request, user, ticket_for(request, user))


async def invitations(request: Request) -> Response:
    """`GET /api/invitations`: open links to sign up."""
    found = await in_thread(lambda: hub_of(request).invitations.listing(None))
    return JSONResponse([{"id": one.id, "expiresAt": one.expires_at, "usesLeft": one.uses_left} for one in found])


async def invite(request: Request) -> Response:
    """`POST /api/invitations`: a link to sign up, for so many `days` and `uses`, mailed to an `email`. Shown once."""
    values: dict[str, Any] = await json_object(request)
    hub, inviter, offer = hub_of(request), user_of(request), offer_of(values)
    address = address_of_invited(values)
    secret = await in_thread(lambda: hub.invitations.add(None, None, inviter, offer))
    link = f"{origin_of(request)}/join/{secret}"
    mailed = await mail_invitation(request, address, link, inviter)
    return JSONResponse({"link": link, "uses": offer.uses, **mailed}, 201)


async def revoke_invitation(request: Request) -> Response:
    """`DELETE /api/invitations/{id}`."""
    hub, number = hub_of(request), number_of(request.path_params["id"])
    await in_thread(lambda: hub.invitations.revoke(None, number))
    return JSONResponse({})


def _signed_in(request: Request, user: Owner, ticket: str = "") -> Response:
    if ticket:
        return JSONResponse({"ticket": ticket}, 202)
    response = JSONResponse({"name": user.name})
    browser.sign_in(request, response, user)
    return response


# What the pages' forms do, too


async def authenticate(request: Request, name: str, password: str) -> Owner:
    """Raises `Unauthenticated`, `RateLimited`."""
    device = browser.device_cookie(request)
    tries(request, hub_of(request).accounts.find(name[:100]))
    return await context_of(request).sign_in.check(name, password, browser.address_of(request), device)


def ticket_for(request: Request, user: Owner) -> str:
    """Says that the user's password was right, where a second factor is asked for, too; else it is empty."""
    if not hub_of(request).second_factor.is_on(user):
        return ""
    return context_of(request).tickets.seal(_SECOND_STEP, {"user": user.name, "since": str(user.created_at)})


async def use_code(request: Request, ticket: str, code: str) -> Owner:
    """The user of a ticket, whose second factor the code is. Raises `Unauthenticated`, `RateLimited`."""
    context = context_of(request)
    known = context.tickets.open(_SECOND_STEP, ticket)
    user = context.hub.accounts.find(known["user"])
    if user is None or str(user.created_at) != known["since"]:
        raise Unauthenticated(WRONG)
    tries(request, user)
    await context.sign_in.check_code(user, code, browser.address_of(request), browser.device_cookie(request))
    context.tickets.use_up(ticket)
    return user


async def register(request: Request, name: str, password: str, invitation: str) -> Owner:
    """Make an account as the hub's policy allows; with an invitation into an organization, join that.

    Raises `Forbidden`, `NotFound` for an invalid invitation, `InvalidInput`, `Conflict`, `RateLimited`.
    """
    context, hub = context_of(request), hub_of(request)
    context.sign_in.count_sign_up(browser.address_of(request))
    if context.sign_up == "closed" or (context.sign_up != "open" and not invitation):
        raise Forbidden(_CLOSED[context.sign_up])
    return await context.sign_in.hashing(lambda: hub.sign_up(name, password, invitation))


async def set_password(request: Request, current: str, new: str) -> None:
    """Raises `Unauthenticated` for a wrong current one, `InvalidInput` for a weak new one."""
    context, hub, user = context_of(request), hub_of(request), user_of(request)
    await confirm_password(request, user, current)
    await context.sign_in.hashing(lambda: hub.passwords.set(user, new))
    hub.sessions.revoke_all(user, but=identity_of(request).session)


async def use_reset(request: Request, secret: str, password: str) -> Owner:
    """Set a new password with a link; all sessions of the user end. Raises `NotFound`, `InvalidInput`."""
    context, hub = context_of(request), hub_of(request)
    context.sign_in.count_sign_up(browser.address_of(request))
    user = await context.sign_in.hashing(lambda: hub.passwords.reset(secret, password))
    hub.sessions.revoke_all(user)
    return user


async def confirm_password(request: Request, user: Owner, password: str) -> None:
    """Raises `Unauthenticated` where a session that somebody found open does not know the password."""
    context, hub = context_of(request), hub_of(request)
    if await in_thread(lambda: hub.passwords.has(user)):
        device = browser.device_cookie(request)
        found = await context.sign_in.check(user.name, password, browser.address_of(request), device)
        if found.id != user.id:
            raise Unauthenticated(WRONG)
