"""The cookie of a browser that visits a Space at its address (hub/identity/visits.py), and the form that sets it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs

from spaceport.api.origins import is_local
from spaceport.errors import NotFound
from spaceport.hub.gateway.exchange import ProxiedRequest
from spaceport.hub.identity.visits import VISIT_S, Visits
from spaceport.store.hub.ports import SpaceRow

PATH = b"/--spaceport/visit"
"""Below a Space's address: the hub's form sends its ticket there."""
_PLAIN = "spaceport-visit"
_MAX_FIELDS = 10
_MAX_FORM = 4096
_FORM_TIMEOUT_S = 10.0


def visit_of(headers: Iterable[tuple[bytes, bytes]], name: str) -> str:
    """The value of the cookie with this name; empty where there is none, or more than one."""
    found = []
    for header, value in headers:
        if header == b"cookie" and b"spaceport-visit=" in value:
            pairs = (pair.strip().partition("=") for pair in value.decode("latin-1").split(";"))
            found += [text for key, _, text in pairs if key == name]
    return found[0] if len(found) == 1 else ""


def cookie_name(scheme: str, host: str, *, by_path: bool) -> str:
    """What the cookie is called at an address: a page of another host cannot set one whose name begins with `__Host-`.

    Browsers take that name for a whole host alone, and on a secure connection or from this machine.
    """
    return _PLAIN if by_path or not _is_secure(scheme, host) else f"__Host-{_PLAIN}"


async def begin_visit(
    request: ProxiedRequest, visits: Visits, space: SpaceRow | None, prefix: str, scheme: str, host: str
) -> None:
    """Turn the ticket of a form into the cookie, and go on to the page. Raises `NotFound` where it is not valid."""
    body = await request.peek(_MAX_FORM, _FORM_TIMEOUT_S)
    try:
        fields = parse_qs(body[:_MAX_FORM].decode("latin-1"), max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise NotFound(f"This form has more than {_MAX_FIELDS} fields: open the Space from the hub again.") from None
    origin = request.headers.get(b"origin", b"").decode("latin-1")
    if space is None:
        raise NotFound("There is no such Space.")
    value = visits.start(fields.get("ticket", [""])[0], space, origin)
    path = fields.get("path", ["/"])[0]
    if not path.startswith("/") or path.startswith("//") or not path.isascii() or not path.isprintable():
        path = "/"
    if "\\" in path:
        path = "/"
    name = cookie_name(scheme, host, by_path=bool(prefix))
    cookie = _cookie(name, value, prefix, secure=_is_secure(scheme, host))
    location = (prefix + path).encode("latin-1")
    headers = [(b"location", location), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
    await request.start(303, [*headers, (b"content-length", b"0")])
    await request.finish()


def _is_secure(scheme: str, host: str) -> bool:
    return scheme == "https" or is_local(host)


def _cookie(name: str, value: str, prefix: str, *, secure: bool) -> str:
    """`Partitioned`: in a frame it counts below the page that shows the frame, so that it is no third-party cookie.

    On plain http, other than on this machine, browsers take it for pages that are no frames.
    """
    rules = "Secure; SameSite=None; Partitioned" if secure else "SameSite=Lax"
    return f"{name}={value}; Path={prefix}/; Max-Age={VISIT_S}; HttpOnly; {rules}"
