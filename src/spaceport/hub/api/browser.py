"""Browsers that are signed in: their cookies, and which of their requests may come with one.

The session's cookie is `__Host-` where the hub is on https: no other host can set it. On http it carries the port in
its name, since cookies know no ports, and counts only where it comes once. It is for the hub's own pages alone: a
request from any other page is one of nobody, and may change nothing (SameSite, `Origin`, and a token in each form).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import Forbidden
from spaceport.hub.api.request import context_of, hub_of, origin_of
from spaceport.hub.identity.address import caller_address
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.hub.identity.sessions import LIFETIME_S
from spaceport.store.hub.ports import Owner

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_DEVICE_S = 365 * 86_400
_FOREIGN = "Sign in and send this from the hub's own pages; programs send a token instead of a cookie."


def must_be_own_page(request: Request) -> None:
    """Raise `Forbidden` for a request that does not come from a page of the hub."""
    if request.headers.get("origin") != origin_of(request):
        raise Forbidden(_FOREIGN)


def identify_browser(request: Request) -> Identity:
    """Who is signed in where the request comes from. Raises `Forbidden` for a change that another page asks for."""
    secret = session_secret(request)
    if not secret:
        return NOBODY
    if request.method not in _SAFE_METHODS:
        must_be_own_page(request)
    elif request.headers.get("origin", "") not in ("", origin_of(request)):
        return NOBODY
    return hub_of(request).sessions.identify(secret, address_of(request))


def address_of(request: Request) -> str:
    trusts = context_of(request).settings.trust_forwarded
    return caller_address(request.scope, dict(request.scope["headers"]), trust_forwarded=trusts)


def session_secret(request: Request) -> str:
    return cookie_of(request, "session")


def device_cookie(request: Request) -> str:
    return cookie_of(request, "device")


def sign_in(request: Request, response: Response, user: Owner) -> None:
    """Give the browser a new session; the one that it had ends, so that nobody can have chosen it."""
    sign_out(request)
    hub = hub_of(request)
    secret = hub.sessions.start(user, request.headers.get("user-agent", ""), address_of(request))
    request.state.actor = (user, "")
    set_cookie(request, response, "session", secret, int(LIFETIME_S))
    set_cookie(request, response, "device", context_of(request).sign_in.device_cookie(user), _DEVICE_S)


def sign_out(request: Request, response: Response | None = None) -> None:
    """End the browser's session; what it is remembered by stays."""
    hub, secret = hub_of(request), session_secret(request)
    identity = hub.sessions.identify(secret, "") if secret else NOBODY
    if identity.owner is not None and identity.session is not None:
        hub.sessions.revoke(identity.owner, identity.session.id)
    if response is not None:
        set_cookie(request, response, "session", "", 0)


def cookie_of(request: Request, purpose: str) -> str:
    """The hub's cookie for this purpose; empty where there is none, or more than one."""
    name = _name(request, purpose)
    values = []
    for header, value in request.scope["headers"]:
        if header == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, _, text = pair.strip().partition("=")
                if key == name:
                    values.append(text)
    return values[0] if len(values) == 1 else ""


def set_cookie(request: Request, response: Response, purpose: str, value: str, age_s: int) -> None:
    response.set_cookie(
        _name(request, purpose),
        value,
        max_age=age_s,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def _name(request: Request, purpose: str) -> str:
    if _is_secure(request):
        return f"__Host-spaceport-{purpose}"
    port = origin_of(request).rpartition(":")[2]
    return f"spaceport-{purpose}-{port if port.isdigit() else '80'}"


def _is_secure(request: Request) -> bool:
    return origin_of(request).startswith("https:")


def local_path(target: str) -> str:
    """Where to go after signing in: a path of the hub itself, else its first page."""
    plain = target.isascii() and target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else "/"
