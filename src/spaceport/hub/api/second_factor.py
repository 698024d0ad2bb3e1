"""Routes about the second factor of the caller: an authenticator app, and recovery codes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.request import hub_of, in_thread, origin_of, user_of
from spaceport.hub.api.sessions import confirm_password


async def describe(request: Request) -> Response:
    """`GET /api/account/second-factor`: whether it is on, and how many recovery codes are left."""
    hub, user = hub_of(request), user_of(request)
    on, left = await in_thread(lambda: (hub.second_factor.is_on(user), hub.second_factor.recovery_codes_left(user)))
    return JSONResponse({"on": on, "recoveryCodes": left})


async def start(request: Request) -> Response:
    """`POST …` with `password`: a secret for an authenticator app, as text, address and picture; `confirm` is next."""
    hub, user = hub_of(request), user_of(request)
    await _confirm(request)
    host = origin_of(request).partition("://")[2]
    found = await in_thread(lambda: hub.second_factor.start(user, host))
    return JSONResponse({"secret": found.secret, "uri": found.uri, "picture": found.picture}, 201)


async def confirm(request: Request) -> Response:
    """`PUT …` with a `code` of the app: it is on. The answer has the recovery codes, which are shown only now."""
    hub, user = hub_of(request), user_of(request)
    code = text_of(await json_object(request), "code")
    return JSONResponse({"recoveryCodes": await in_thread(lambda: hub.second_factor.confirm(user, code))})


async def turn_off(request: Request) -> Response:
    """`DELETE …` with `password`."""
    hub, user = hub_of(request), user_of(request)
    await _confirm(request)
    await in_thread(lambda: hub.second_factor.turn_off(user))
    return JSONResponse({})


async def new_recovery_codes(request: Request) -> Response:
    """`POST /api/account/recovery-codes` with `password`: new ones in place of those from before."""
    hub, user = hub_of(request), user_of(request)
    await _confirm(request)
    return JSONResponse({"recoveryCodes": await in_thread(lambda: hub.second_factor.new_recovery_codes(user))}, 201)


async def reset(request: Request) -> Response:
    """`DELETE /api/users/{user}/second-factor`: for a user who has lost the device and the recovery codes."""
    hub, name = hub_of(request), request.path_params["owner"]
    await in_thread(lambda: hub.second_factor.turn_off(hub.accounts.get_user(name)))
    return JSONResponse({})


async def _confirm(request: Request) -> None:
    """Raises `Unauthenticated` for a wrong password, `RateLimited`."""
    await confirm_password(request, user_of(request), text_of(await json_object(request), "password", ""))
