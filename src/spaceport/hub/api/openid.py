"""Routes about signing in with the hub's OpenID Connect provider, and about linking one's account there."""

from __future__ import annotations

import contextlib
from html import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import Conflict, InvalidInput, NotFound, SpaceportError, Unauthenticated
from spaceport.hub.api import browser
from spaceport.hub.api.html import go_to, show
from spaceport.hub.api.request import context_of, hub_of, identity_of, in_thread, origin_of, user_of
from spaceport.hub.identity.openid import Claims, OpenIdProvider, must_be_invited
from spaceport.hub.identity.tickets import LIFETIME_S
from spaceport.store.hub.ports import Owner

_PURPOSE = "openid"
_CALLBACK = "/login/openid/callback"


async def start(request: Request) -> Response:
    """`GET /login/openid`: goes to the provider. `next`: where one wants to go then; `invitation`: to sign up with."""
    query = request.query_params
    pending = {"next": browser.local_path(query.get("next", "/")), "invitation": query.get("invitation", "")[:200]}
    try:
        context_of(request).sign_in.count_sign_up(browser.address_of(request))
        url, sealed = await _start(request, pending)
    except SpaceportError as error:
        return _problem(request, error)
    response = go_to(url)
    browser.set_cookie(request, response, _PURPOSE, sealed, LIFETIME_S)
    return response


async def callback(request: Request) -> Response:
    """`GET /login/openid/callback`: where the provider sends the browser back to."""
    context, provider = context_of(request), _provider(request)
    sealed = browser.cookie_of(request, _PURPOSE)
    try:
        pending = context.tickets.open(_PURPOSE, sealed)
        context.tickets.use_up(sealed)
        claims = await provider.finish(_redirect_uri(request), pending, dict(request.query_params))
        if pending.get("user"):
            response = await _link(request, pending, claims)
        else:
            user = await _user_of(request, pending, claims)
            response = go_to(pending["next"])
            browser.sign_in(request, response, user)
    except SpaceportError as error:
        response = _problem(request, error)
    browser.set_cookie(request, response, _PURPOSE, "", 0)
    return response


async def describe(request: Request) -> Response:
    """`GET /api/account/openid`: the provider's name, and the caller's account there, if it is linked."""
    hub, user, provider = hub_of(request), user_of(request), context_of(request).openid
    found = await in_thread(lambda: hub.linked_accounts.of(user))
    linked = [{"issuer": one.issuer, "email": one.email, "linkedAt": one.linked_at} for one in found]
    return JSONResponse({"provider": None if provider is None else provider.options.name, "linked": linked})


async def link(request: Request) -> Response:
    """`POST /api/account/openid`: the address at the provider where the browser goes to link the account there."""
    user = user_of(request)
    url, sealed = await _start(request, {"user": user.name, "since": str(user.created_at)})
    response = JSONResponse({"url": url})
    browser.set_cookie(request, response, _PURPOSE, sealed, LIFETIME_S)
    return response


async def unlink(request: Request) -> Response:
    """`DELETE /api/account/openid`. Raises `Conflict` for who could not sign in any more."""
    hub, user = hub_of(request), user_of(request)
    linked, ways = await in_thread(lambda: (hub.linked_accounts.of(user), hub.ways_to_sign_in(user)))
    if linked and len(linked) == ways:
        raise Conflict("Set a password or add a passkey first: you could not sign in any more.")
    await in_thread(lambda: hub.linked_accounts.unlink(user))
    return JSONResponse({})


async def _start(request: Request, pending: dict[str, str]) -> tuple[str, str]:
    url, known = await _provider(request).start(_redirect_uri(request))
    return url, context_of(request).tickets.seal(_PURPOSE, {**pending, **known})


async def _link(request: Request, pending: dict[str, str], claims: Claims) -> Response:
    hub, user = hub_of(request), identity_of(request).owner
    signed_in = identity_of(request).session is not None
    if user is None or not signed_in or (user.name, str(user.created_at)) != (pending["user"], pending["since"]):
        raise Unauthenticated("You are not signed in any more as who began to link an account: start again.")
    provider = _provider(request).options
    await in_thread(lambda: hub.linked_accounts.link(user, provider.issuer, claims))
    await in_thread(lambda: hub.linked_accounts.apply_groups(user, provider.rules, claims.groups))
    return go_to("/settings/account")


async def _user_of(request: Request, pending: dict[str, str], claims: Claims) -> Owner:
    """The user whose account at the provider it is; a new one where the hub's policy allows that."""
    context, hub, provider = context_of(request), hub_of(request), _provider(request).options
    invitation = pending["invitation"].rpartition("/")[2]

    def find() -> Owner:
        user = hub.linked_accounts.find(provider.issuer, claims.subject)
        if user is None:
            invited = hub.invitations.find(invitation) if invitation else None
            must_be_invited(provider, claims, context.sign_up, invited=invited is not None)
            user = hub.linked_accounts.register(
                provider.issuer, claims, lambda user: hub.use_invitation(invitation, user)
            )
            with contextlib.suppress(InvalidInput):  # one that mail cannot go to
                hub.emails.set(user, claims.email)
        hub.linked_accounts.apply_groups(user, provider.rules, claims.groups)
        return user

    return await in_thread(find)


def _provider(request: Request) -> OpenIdProvider:
    """Raises `NotFound`."""
    found = context_of(request).openid
    if found is None:
        raise NotFound("This hub has no OpenID Connect provider: sign in with a password.")
    return found


def _redirect_uri(request: Request) -> str:
    return f"{context_of(request).url or origin_of(request)}{_CALLBACK}"


def _problem(request: Request, error: SpaceportError) -> Response:
    body = (
        f'<div class="card"><h1>This did not work</h1><p role="alert">{escape(error.message)}</p>'
        f'<p><a href="/login">Sign in</a></p></div>'
    )
    return show(request, "Sign in", body, error.status)
