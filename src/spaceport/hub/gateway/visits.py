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
_NAMES = ("__Host-spaceport-visit", "spaceport-visit")
_MAX_FORM = 4096
_FORM_TIMEOUT_S = 10.0


def visit_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The value of the cookie; empty where there is none, or more than one."""
    found = []
    for header, value in headers:
        if header == b"cookie" and b"spaceport-visit=" in value:
            pairs = (pair.strip().partition("=") for pair in value.decode("latin-1").split(";"))
            found += [text for name, _, text in pairs if name in _NAMES]
    return found[0] if len(found) == 1 else ""


async def begin_visit(
    request: ProxiedRequest, visits: Visits, space: SpaceRow | None, prefix: str, scheme: str, host: str
) -> None:
    """Turn the ticket of a form into the cookie, and go on to the page. Raises `NotFound` where it is not valid."""
    body = await request.peek(_MAX_FORM, _FORM_TIMEOUT_S)
    fields = parse_qs(body[:_MAX_FORM].decode("latin-1"), max_num_fields=10)
    origin = request.headers.get(b"origin", b"").decode("latin-1")
    if space is None:
        raise NotFound("There is no such Space.")
    value = visits.start(fields.get("ticket", [""])[0], space, origin)
    path = fields.get("path", ["/"])[0]
    if not path.startswith("/") or path.startswith("//") or not path.isascii() or not path.isprintable():
        path = "/"
    if "\\" in path:
        path = "/"
    cookie = _cookie(value, prefix, secure=scheme == "https" or is_local(host))
    location = (prefix + path).encode("latin-1")
    headers = [(b"location", location), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
    await request.start(303, [*headers, (b"content-length", b"0")])
    await request.finish()


def _cookie(value: str, prefix: str, *, secure: bool) -> str:
    """`Partitioned`: in a frame it counts below the page that shows the frame, so that it is no third-party cookie.

    On plain http, other than on this machine, browsers take it for pages that are no frames.
    """
    name = _NAMES[0] if secure and not prefix else _NAMES[1]
    rules = "Secure; SameSite=None; Partitioned" if secure else "SameSite=Lax"
    return f"{name}={value}; Path={prefix}/; Max-Age={VISIT_S}; HttpOnly; {rules}"
