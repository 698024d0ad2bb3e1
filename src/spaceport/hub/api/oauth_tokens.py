"""The OAuth endpoints that programs call: tokens for codes and refresh tokens, codes for programs, and revocation."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.audited import acts_for, note_space
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.browser import address_of
from spaceport.hub.api.oauth_errors import NO_STORE, OAuthError, answering
from spaceport.hub.api.openid_provider import claims_of, issuer_of
from spaceport.hub.api.request import context_of, hub_of, in_thread, origin_of
from spaceport.hub.identity.address import address_group
from spaceport.hub.identity.applications import Issued, digest_of
from spaceport.hub.identity.device_logins import DEVICE_GRANT, INTERVAL_S, VALID_S, Outcome
from spaceport.hub.identity.oauth_clients import HF_COMMAND
from spaceport.hub.identity.oauth_codes import CodeReused
from spaceport.store.hub.ports import SpaceRow

_BY_CLIENT = 5000
_BY_ADDRESS = 2000
"""Requests in a quarter of an hour: of one Space's app, and from one address for what is no Space."""
_MAX_ABOUT = 100
_DEVICE_ERRORS = {
    Outcome.DENIED: "Somebody has refused this.",
    Outcome.EXPIRED: "The code has expired, or was used: ask for a new one.",
}


@answering
async def token(request: Request) -> Response:
    """`POST /oauth/token`: for an authorization code, a device code, or a refresh token."""
    fields = dict(await read_form(request))
    match fields.get("grant_type"):
        case "authorization_code":
            return await _for_code(request, fields)
        case "refresh_token":
            _must_be_command(request, fields)
            hub, given = hub_of(request), fields.get("refresh_token", "")
            return _tokens(await _granted(lambda: hub.applications.refresh(given)))
        case str(kind) if kind == DEVICE_GRANT:
            return await _for_device(request, fields)
    raise OAuthError("unsupported_grant_type", f"`grant_type` is authorization_code, refresh_token or {DEVICE_GRANT}.")


@answering
async def revoke(request: Request) -> Response:
    """`POST /oauth/revoke` (RFC 7009): a token of the client's ends; 200 for one that is not there, too.

    With a refresh token go all tokens of that sign-in.
    """
    fields = dict(await read_form(request))
    space, applications = _client(request, fields), hub_of(request).applications
    given = fields.get("token", "")
    found = applications.find(given)
    if found is not None and found.grant.space == (None if space is None else space.id):
        if found.refresh:
            applications.end_tokens(found.grant.id)
        else:
            applications.end_token(digest_of(given))
    return JSONResponse({}, headers=NO_STORE)


@answering
async def device(request: Request) -> Response:
    """`POST /oauth/device` (RFC 8628): a code for a program whose user signs in with a browser."""
    _must_be_command(request, dict(await read_form(request)))
    about = f"hf ({request.headers.get('user-agent', 'unknown')[:_MAX_ABOUT]})"
    secret, login = context_of(request).devices.start(about, address_of(request))
    page = f"{context_of(request).url or origin_of(request)}/oauth/device"
    return JSONResponse(
        {
            "device_code": secret,
            "user_code": login.code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={login.code}",
            "expires_in": VALID_S,
            "interval": INTERVAL_S,
        },
        headers=NO_STORE,
    )


async def _for_code(request: Request, fields: dict[str, str]) -> Response:
    hub, codes, space = hub_of(request), context_of(request).codes, _client(request, fields)
    if space is None:
        raise OAuthError("unauthorized_client", "This client signs in with a device code.")
    given = fields.get("code", "")
    try:
        found = codes.use(given, space.id, fields.get("redirect_uri", ""), fields.get("code_verifier", ""))
    except CodeReused as error:
        if error.token is not None:
            hub.applications.end_token(error.token)
        raise OAuthError("invalid_grant", error.message) from None
    except InvalidInput as error:
        raise OAuthError("invalid_grant", error.message) from None
    issued = await _granted(lambda: hub.applications.exchange(found))
    codes.exchanged(given, digest_of(issued.access))
    user = hub.accounts.get_user(issued.user)
    note_space(request, space)
    acts_for(request, user, f"application {space.full_name}")
    claims = {**await in_thread(lambda: claims_of(hub, user, issuer_of(request), issued.scopes, small=True))}
    claims |= {"iss": issuer_of(request), "aud": hub.clients.id_of(space), "auth_time": int(found.session.created_at)}
    if found.nonce:
        claims["nonce"] = found.nonce
    return _tokens(issued, await in_thread(lambda: hub.id_tokens.sign(claims, issued.lifetime_s)))


async def _for_device(request: Request, fields: dict[str, str]) -> Response:
    _must_be_command(request, fields)
    hub, found = hub_of(request), context_of(request).devices.poll(fields.get("device_code", ""))
    if isinstance(found, Outcome):
        raise OAuthError(found.value, _DEVICE_ERRORS.get(found, ""))
    user = found.user
    assert user is not None
    acts_for(request, user, f"application {found.program}")
    return _tokens(await _granted(lambda: hub.applications.sign_in_program(user, found.program)))


def _client(request: Request, fields: dict[str, str]) -> SpaceRow | None:
    """The Space whose app sends the request with its secret; None for the `hf` command, which has none.

    Raises `OAuthError`, `RateLimited`.
    """
    hub, count = hub_of(request), context_of(request).oauth_requests.check
    client, secret = _credentials(request, fields)
    space = hub.clients.find(client)
    if space is not None and hub.clients.is_secret(space, secret):
        count({f"client:{space.id}": _BY_CLIENT})
        return space
    count({f"address:{address_group(address_of(request))}": _BY_ADDRESS})
    if client != HF_COMMAND:
        raise OAuthError("invalid_client", "There is no such client, or its secret is another one.", 401)
    return None


def _must_be_command(request: Request, fields: dict[str, str]) -> None:
    """Raises `OAuthError` for the app of a Space: it signs its visitors in with a page, and has no refresh tokens."""
    if _client(request, fields) is not None:
        raise OAuthError("unauthorized_client", "An app signs its visitors in with an authorization code.")


def _credentials(request: Request, fields: dict[str, str]) -> tuple[str, str]:
    """The id and the secret of a client, from the header (RFC 6749 §2.3.1) or the form."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        client, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:  # no base64, signs outside of ASCII, or no UTF-8
        return "", ""
    return unquote_plus(client), unquote_plus(secret)


async def _granted(work: Callable[[], Issued]) -> Issued:
    try:
        return await in_thread(work)
    except InvalidInput as error:
        raise OAuthError("invalid_grant", error.message) from None


def _tokens(issued: Issued, id_token: str = "") -> Response:
    body = {
        "access_token": issued.access,
        "token_type": "bearer",
        "expires_in": int(issued.lifetime_s),
        "scope": " ".join(issued.scopes),
        **({"refresh_token": issued.refresh} if issued.refresh else {}),
        **({"id_token": id_token} if id_token else {}),
    }
    return JSONResponse(body, headers=NO_STORE)
