"""Routes about the caller's passkeys, and about signing in with one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import Conflict, InvalidInput, Unauthenticated
from spaceport.hub.api import browser
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.invitations import number_of
from spaceport.hub.api.request import context_of, hub_of, in_thread, origin_of, user_of
from spaceport.hub.api.sessions import confirm_password
from spaceport.hub.identity.passkeys import RelyingParty, relying_party
from spaceport.hub.identity.tickets import EXPIRED
from spaceport.store.hub.factor_ports import Passkey

SCRIPT_PATH = "/--spaceport/passkeys.js"
_SCRIPT = (Path(__file__).parent / "passkeys.js").read_bytes()
_CREATION, _SIGN_IN = "make a passkey", "sign in with a passkey"
_MAX_BODY = 64 << 10


async def script(_request: Request) -> Response:
    """`GET /--spaceport/passkeys.js`: the button of the page to sign in."""
    return Response(_SCRIPT, headers={"cache-control": "public, max-age=3600"}, media_type="text/javascript")


async def challenge(request: Request) -> Response:
    """`POST /api/passkey-challenges`: `options` for the browser, and the `ticket` that `sign_in` takes."""
    options = await in_thread(lambda: hub_of(request).passkeys.request(_party(request)))
    ticket = context_of(request).tickets.seal(_SIGN_IN, {"challenge": options["challenge"]})
    return JSONResponse({"options": options, "ticket": ticket})


async def sign_in(request: Request) -> Response:
    """`POST /api/sessions/passkey` with `ticket` and `credential`, the browser's answer: signs in."""
    values = await json_object(request, _MAX_BODY)
    tickets, ticket = context_of(request).tickets, text_of(values, "ticket")
    known, answer, party = tickets.open(_SIGN_IN, ticket), _answer(values), _party(request)
    user = await in_thread(lambda: hub_of(request).passkeys.check(party, known["challenge"], answer))
    tickets.use_up(ticket)
    response = JSONResponse({"name": user.name})
    browser.sign_in(request, response, user)
    return response


async def listing(request: Request) -> Response:
    """`GET /api/account/passkeys`: the caller's, oldest first."""
    hub, user = hub_of(request), user_of(request)
    return JSONResponse([_described(one) for one in await in_thread(lambda: hub.passkeys.of(user))])


async def start(request: Request) -> Response:
    """`POST /api/account/passkeys/options` with `password`: `options` for the browser, and the `ticket` for `add`."""
    hub, user, party = hub_of(request), user_of(request), _party(request)
    await confirm_password(request, user, text_of(await json_object(request), "password", ""))
    options = await in_thread(lambda: hub.passkeys.creation(user, party))
    known = {"challenge": options["challenge"], "user": user.name, "since": str(user.created_at)}
    return JSONResponse({"options": options, "ticket": context_of(request).tickets.seal(_CREATION, known)})


async def add(request: Request) -> Response:
    """`POST /api/account/passkeys` with `ticket`, `credential` and a `name`."""
    hub, user, party = hub_of(request), user_of(request), _party(request)
    values = await json_object(request, _MAX_BODY)
    tickets, ticket, name = context_of(request).tickets, text_of(values, "ticket"), text_of(values, "name", "Passkey")
    known, answer = tickets.open(_CREATION, ticket), _answer(values)
    if (known["user"], known["since"]) != (user.name, str(user.created_at)):
        raise Unauthenticated(EXPIRED)
    made = await in_thread(lambda: hub.passkeys.add(user, party, known["challenge"], answer, name))
    tickets.use_up(ticket)
    return JSONResponse(_described(made), 201)


async def rename(request: Request) -> Response:
    """`PATCH /api/account/passkeys/{id}` with `name`."""
    hub, user, number = hub_of(request), user_of(request), number_of(request.path_params["id"])
    name = text_of(await json_object(request), "name")
    await in_thread(lambda: hub.passkeys.rename(user, number, name))
    return JSONResponse({})


async def remove(request: Request) -> Response:
    """`DELETE /api/account/passkeys/{id}`. Raises `Conflict` for who could not sign in any more."""
    hub, user, number = hub_of(request), user_of(request), number_of(request.path_params["id"])
    if [one.id for one in hub.passkeys.of(user)] == [number] and hub.ways_to_sign_in(user) == 1:
        raise Conflict("Set a password first: you could not sign in any more.")
    await in_thread(lambda: hub.passkeys.remove(user, number))
    return JSONResponse({})


def _party(request: Request) -> RelyingParty:
    return relying_party(context_of(request).url or origin_of(request))


def _answer(values: dict[str, Any]) -> dict[str, Any]:
    found = values.get("credential")
    if not isinstance(found, dict):
        raise InvalidInput("`credential` is missing or not an object.")
    return found


def _described(passkey: Passkey) -> dict[str, Any]:
    return {"id": passkey.id, "name": passkey.name, "createdAt": passkey.created_at, "usedAt": passkey.used_at}
