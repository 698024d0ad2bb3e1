"""What happens before each handler runs: the caller is identified, counted, and let through by the table of who may."""

from __future__ import annotations

import os

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import SpaceportError
from spaceport.hub.api.audited import record
from spaceport.hub.api.browser import address_of, identify_browser, must_be_own_page
from spaceport.hub.api.moved import Moved, check_owner, redirect, space_at
from spaceport.hub.api.pages import error_page, wants_page
from spaceport.hub.api.request import context_of, hub_of
from spaceport.hub.api.routes import Handler
from spaceport.hub.hfapi.errors import error_response
from spaceport.hub.identity.access import Access, acts_for_user, check, must_be_in, must_have
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.hub.identity.credentials import identify

_ABOUT_A_SPACE = (Access.SEE_SPACE, Access.CALL_SPACE, Access.READ_SPACE, Access.CHANGE_SPACE, Access.MANAGE_SPACE)


def guarded(handler: Handler, access: Access, path: str) -> Handler:
    """The handler of a route behind its row of the table. Errors are answered as Hugging Face's client reads them."""

    async def answer(request: Request) -> Response:
        try:
            if access is not Access.ANYONE:
                _admit(request, access, path)
            response = await handler(request)
        except Moved as moved:
            response = redirect(moved)
        except SpaceportError as error:
            response = error_page(request, error) if wants_page(request) else error_response(error)
        await record(request, response.status_code)
        response.headers["x-request-id"] = os.urandom(8).hex()
        response.headers.update(getattr(request.state, "limits", {}))
        return response

    return answer


def identify_caller(request: Request) -> Identity:
    """Who makes a request, by a token or by the session of a browser. Raises `Unauthenticated`, `Forbidden`."""
    identity = identify(hub_of(request).tokens, dict(request.scope["headers"]), address_of(request))
    if identity.owner is None and (browser := identify_browser(request)).owner is not None:
        return browser
    return identity


def _admit(request: Request, access: Access, path: str) -> None:
    """Set the request's identity, the headers about the caller's limit, and its Space or organization.

    Raises `Unauthenticated`, `Forbidden`, `RateLimited`, `NotFound`, `Moved`.
    """
    context = context_of(request)
    request.state.identity = NOBODY
    identity = request.state.identity = identify_caller(request)
    usage = context.limits.of(request.method, path).count(identity, address_of(request))
    request.state.limits = usage.headers
    usage.check()
    check(access, identity)
    if access is Access.OWN_PAGE:
        must_be_own_page(request)
    parameters = request.path_params
    check_owner(request, path)
    if access in (Access.MEMBER, Access.MANAGE):
        request.state.organization = context.hub.accounts.get_organization(parameters["owner"])
        must_be_in(access, identity, request.state.organization)
    elif access in _ABOUT_A_SPACE:
        space = space_at(request, path)
        request.state.space = must_have(access, identity, space)
        if not acts_for_user(identity, space):
            request.state.identity = context.hub.accounts.nobody()
