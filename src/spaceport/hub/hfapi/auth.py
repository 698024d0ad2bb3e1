"""What happens before each handler runs: the caller is identified, counted, and let through by the table of who may."""

from __future__ import annotations

import os

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import SpaceportError
from spaceport.hub.api.browser import identify_browser, must_be_own_page
from spaceport.hub.api.pages import error_page, wants_page
from spaceport.hub.api.request import context_of
from spaceport.hub.api.routes import Handler
from spaceport.hub.hfapi.errors import error_response
from spaceport.hub.identity.access import Access, check, must_be_in
from spaceport.hub.identity.address import caller_address
from spaceport.hub.identity.caller import NOBODY
from spaceport.hub.identity.credentials import identify


def guarded(handler: Handler, access: Access) -> Handler:
    """The handler behind its row of the table. Errors are answered as Hugging Face's client reads them."""

    async def answer(request: Request) -> Response:
        limits: dict[str, str] = {}
        try:
            if access is not Access.ANYONE:
                limits = _admit(request, access)
            response = await handler(request)
        except SpaceportError as error:
            response = error_page(request, error) if wants_page(request) else error_response(error)
        response.headers["x-request-id"] = os.urandom(8).hex()
        response.headers.update(limits)
        return response

    return answer


def _admit(request: Request, access: Access) -> dict[str, str]:
    """Set the request's identity, and its Space or organization; headers about the caller's limit.

    Raises `Unauthenticated`, `Forbidden`, `RateLimited`, `NotFound`.
    """
    context = context_of(request)
    headers = dict(request.scope["headers"])
    identity = request.state.identity = NOBODY
    address = caller_address(request.scope, headers, trust_forwarded=context.settings.trust_forwarded)
    identity = identify(context.hub.tokens, headers)
    if identity.owner is None:
        identity = identify_browser(request)
    request.state.identity = identity
    limits = context.limiter.count(identity, address)
    check(access, identity)
    if access is Access.OWN_PAGE:
        must_be_own_page(request)
    spaces, parameters = context.hub.spaces, request.path_params
    if access is Access.CHANGE_SPACE:
        request.state.space = spaces.get_writable(identity, parameters["owner"], parameters["name"])
    elif access in (Access.MEMBER, Access.MANAGE):
        request.state.organization = context.hub.accounts.get_organization(parameters["owner"])
        must_be_in(access, identity, request.state.organization)
    elif access is Access.SEE_SPACE and "subdomain" in parameters:
        request.state.space = spaces.by_subdomain(identity, parameters["subdomain"])
    elif access is Access.SEE_SPACE:
        request.state.space = spaces.get_readable(identity, parameters["owner"], parameters["name"])
    return limits
