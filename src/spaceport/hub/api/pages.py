"""The hub's pages: the directory, and each Space in its frame. They show what the API tells their visitor."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import asset_of, page_headers, shell
from spaceport.api.scripts import KIND, script
from spaceport.errors import BusyError, NotFound, SpaceportError
from spaceport.hub.api import state_page
from spaceport.hub.api.html import go_to
from spaceport.hub.api.moved import check_page
from spaceport.hub.api.request import app_origins, identity_of, in_thread
from spaceport.hub.api.state_page import StatePage

_HOME = ("All Spaces", "/spaces")
_API = "/api/"
_SPACE = "/spaces/{owner}/{name}"
_FIRST_PAINT = (
    '<header class="bar"><a class="home" href="{root}" aria-label="Spaceport, all Spaces">'
    '<svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">'
    '<rect width="32" height="32" rx="8" fill="var(--accent-solid)"/>'
    '<path d="M16 5c4 3 6 8 6 12l-3 4h-6l-3-4c0-4 2-9 6-12zm-5 17-3 5m13-5 3 5" fill="none" stroke="white" '
    'stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round"/></svg><span>Spaceport</span></a></header>'
    '<main id="content" class="hub" tabindex="-1"></main>'
)
"""The elements of every page, which js/web/src/pages/hub takes over: the same for each visitor and address."""
PATHS = (
    "/",
    "/spaces",
    _SPACE,
    f"{_SPACE}/readme",
    f"{_SPACE}/tree/{{revision}}",
    f"{_SPACE}/tree/{{revision}}/{{path:path}}",
    f"{_SPACE}/blob/{{revision}}/{{path:path}}",
    f"{_SPACE}/commits/{{revision}}",
    f"{_SPACE}/commit/{{revision}}",
    f"{_SPACE}/api",
    f"{_SPACE}/jobs",
    f"{_SPACE}/logs",
    f"{_SPACE}/usage",
    f"{_SPACE}/settings",
    "/new",
    "/admin/users",
    "/admin/invitations",
    "/admin/tiers",
    "/admin/spaces",
    "/admin/machine",
    "/admin/log",
    "/settings/organizations",
    "/settings/organizations/{owner}",
)
"""The addresses of views. js/web/src/services/hub/router.ts says what each shows."""
ACCOUNT_PATHS = ("/settings/account", "/settings/tokens", "/settings/log")
"""Views about what needs a session."""


async def page(request: Request) -> Response:
    """`GET` of a view's address: the same bytes for public, private and missing Spaces. `data-login` says who is signed
    in, so that the page asks for no more about somebody whom the hub does not know. Raises `Moved`."""
    if "name" in request.path_params:
        check_page(request, _SPACE)
    return _shell(request, 200)


async def account_page(request: Request) -> Response:
    """`GET` of a view about the visitor's own account; without a session it goes to the page to sign in."""
    if identity_of(request).session is None:
        return go_to(f"/login?next={request.url.path}")
    return _shell(request, 200)


async def owner_page(request: Request) -> Response:
    """`GET /{owner}`: the same bytes for every owner, and for none. Raises `NotFound` for a program."""
    if not wants_page(request):
        raise NotFound("There is no such route here.")
    return _shell(request, 200)


def missing_page(request: Request) -> Response:
    """What a browser sees at an address that the hub does not have."""
    return _shell(request, 404)


def error_page(request: Request, error: SpaceportError) -> Response:
    """What a browser sees of an error: the same bytes for the same error."""
    if error.status == 404:
        return missing_page(request)
    page = StatePage("bad", f"{error.status} {HTTPStatus(error.status).phrase}", [error.message], links=[_HOME])
    wait = {"retry-after": str(max(1, int(error.retry_after_s)))} if isinstance(error, BusyError) else {}
    return Response(page.render(), error.status, {**state_page.HEADERS, **wait}, media_type="text/html")


def wants_page(request: Request) -> bool:
    """Whether a browser opens the address, as opposed to a program that calls it."""
    accepts = "text/html" in request.headers.get("accept", "")
    return accepts and request.method in ("GET", "HEAD") and not request.url.path.startswith(_API)


def _shell(request: Request, status: int) -> Response:
    identity = identity_of(request)
    login = identity.owner.name if identity.owner is not None and identity.session is not None else ""
    root = "../" * (request.url.path.count("/") - 1) or "./"
    text = shell("hub", root, title="Spaces", login=login, content=_FIRST_PAINT.format(root=root))
    headers = page_headers(app_origins(request), ancestors="'none'")
    return Response(text, status, headers, media_type="text/html")


async def asset(request: Request) -> Response:
    """`GET /--spaceport/web/{file}`: a built file of the pages."""
    accepted = request.headers.get("accept-encoding", "")
    data, headers = await in_thread(lambda: asset_of(request.path_params["file"], accepted))
    return Response(data, headers=headers)


async def client_js(request: Request) -> Response:
    """`GET /--spaceport/client.js`: the JavaScript client in one file."""
    data, tag = script()
    headers = {"etag": tag, "cache-control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=KIND)
