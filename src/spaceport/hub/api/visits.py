"""`GET /open`: takes a browser that is signed in to a Space's own address, which knows it then."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import page_headers
from spaceport.hub.api.browser import local_path
from spaceport.hub.api.html import go_to, hidden, show
from spaceport.hub.api.request import context_of, hub_of, identity_of, in_thread, origin_of, scheme_and_host
from spaceport.hub.identity.access import must_see
from spaceport.store.hub.ports import SpaceRow
from spaceport.store.hub.session_ports import Session

SCRIPT_PATH = "/--spaceport/open.js"
_SCRIPT = b"document.forms[0].submit();\n"
_FRAMES = ("iframe", "frame")
"""What a browser says that it will show (`Sec-Fetch-Dest`)."""
_VISIT = "--spaceport/visit"
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Opening {name}</title><meta name="color-scheme" content="light dark"></head>
<body>
<form method="post" action="{action}">{fields}<button>Open {name}</button></form>
<script src="{script}"></script>
</body>
</html>
"""


async def open_space(request: Request) -> Response:
    """`to`: an address of a Space, in either form; without it, the page that the browser comes from.

    Without a session it goes to the page to sign in. Raises `SpaceNotFound`.
    """
    given = request.query_params.get("to") or request.headers.get("referer", "")
    identity = identity_of(request)
    if identity.session is None and request.headers.get("sec-fetch-dest") in _FRAMES:
        return _ask_above(request)
    if identity.session is None:
        target = f"/open?to={quote(given, safe='')}"
        return go_to(f"/login?next={quote(target, safe='')}")
    found, path = _space(request, given)
    return _form(request, must_see(identity, found), path, identity.session)


async def open_link(request: Request) -> Response:
    """`GET /shared/{secret}`: takes anyone who has the link to the Space. Raises `NotFound` for one that has ended."""
    hub, secret = hub_of(request), request.path_params["secret"]
    space = await in_thread(lambda: hub.sharing.space_of_link(secret))
    return _form(request, space, "/", None)


async def script(_request: Request) -> Response:
    """`GET /--spaceport/open.js`: sends the form by itself."""
    return Response(_SCRIPT, headers={"cache-control": "public, max-age=3600"}, media_type="text/javascript")


def _form(request: Request, space: SpaceRow, path: str, session: Session | None) -> Response:
    """The page that sends a ticket to the Space's address."""
    address = _address(request, space)
    ticket = hub_of(request).visits.ticket(session, space, origin_of(request))
    page = _PAGE.format(
        name=escape(space.full_name),
        action=escape(address + _VISIT),
        fields=hidden("ticket", ticket) + hidden("path", path),
        script=SCRIPT_PATH,
    )
    parts = urlsplit(address)
    headers = {**page_headers(ancestors="'self'"), "referrer-policy": "origin"}  # else `Origin` would be null
    policy = headers["content-security-policy"]
    allowed = f"form-action {parts.scheme}://{parts.netloc}"
    headers["content-security-policy"] = policy.replace("form-action 'self'", allowed)
    return Response(page, headers={**headers, "cache-control": "no-store"}, media_type="text/html")


def _ask_above(request: Request) -> Response:
    """In a frame of the hub's own pages: a link that signs in outside of it, and comes back to that page."""
    above = local_path(urlsplit(request.headers.get("referer", "")).path)
    address = f"/login?next={quote(above, safe='')}"
    link = f'<a class="button primary" target="_top" href="{escape(address)}">Sign in</a>'
    body = f'<div class="card"><p role="alert">This Space is private. Sign in to see it.</p>{link}</div>'
    return show(request, "Private Space", body, ancestors="'self'")


def _space(request: Request, given: str) -> tuple[SpaceRow | None, str]:
    """The Space that an address names, and the path below its root."""
    spaces, domain = hub_of(request).spaces, context_of(request).apps.domain
    try:
        parts = urlsplit(given)
        label, _, parent = (parts.hostname or "").partition(".")
    except ValueError:
        return None, "/"
    query = f"?{parts.query}" if parts.query else ""
    if parent == domain:
        return spaces.find_by_subdomain(label), (parts.path or "/") + query
    owner, name, rest = (*parts.path.lstrip("/").split("/", 2), "", "", "")[:3]
    return spaces.find(owner, name), f"/{rest}{query}"


def _address(request: Request, space: SpaceRow) -> str:
    """Where browsers find the Space: on a host of its own, if it can be reached."""
    apps, (scheme, hostname) = context_of(request).apps, scheme_and_host(request)
    own = apps.by_host(space.subdomain, scheme, hostname)
    return own or apps.by_path(space.full_name, scheme, hostname)
