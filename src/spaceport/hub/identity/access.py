"""Who may do what: the only place that decides it.

`TABLE` has a row for each route of the hub. The server asks `check` before a handler runs, so that a route without a
row cannot be served; `tests/hub/test_access.py` tries each row against a real hub. What a row cannot know, because the
owner's name stands in the body of the request, the directory of Spaces asks with `must_write`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from spaceport.errors import Forbidden, NotFound, Unauthenticated
from spaceport.hub.identity.caller import Identity
from spaceport.store.hub.ports import SpaceRow


class SpaceNotFound(NotFound):
    """There is no such Space, or the caller may not see it; the answer is the same for both."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Which callers are let through. `reader` has a read token of the owner, `writer` another user's write token."""

    anonymous: bool
    reader: bool
    writer: bool
    owner: bool
    admin: bool


class Access(enum.Enum):
    """What a route asks of its caller."""

    ANYONE = "not even a wrong token is refused: the request is neither identified nor counted"
    PUBLIC = "everybody"
    SIGNED_IN = "a token"
    OWN_SPACES = "may change what the owner has whom the body of the request names"
    SEE_SPACE = "may see the Space that the path names"
    CHANGE_SPACE = "may change the Space that the path names"
    ADMIN = "a token of an admin"


_EVERYBODY = Callers(anonymous=True, reader=True, writer=True, owner=True, admin=True)
PUBLIC_SPACE: Mapping[Access, Callers] = {
    Access.ANYONE: _EVERYBODY,
    Access.PUBLIC: _EVERYBODY,
    Access.SIGNED_IN: Callers(anonymous=False, reader=True, writer=True, owner=True, admin=True),
    Access.OWN_SPACES: Callers(anonymous=False, reader=False, writer=False, owner=True, admin=True),
    Access.SEE_SPACE: _EVERYBODY,
    Access.CHANGE_SPACE: Callers(anonymous=False, reader=False, writer=False, owner=True, admin=True),
    Access.ADMIN: Callers(anonymous=False, reader=False, writer=False, owner=False, admin=True),
}
"""Who is let through, where the request is about a public Space or about none."""
PRIVATE_SPACE: Mapping[Access, Callers] = {
    **PUBLIC_SPACE,
    Access.SEE_SPACE: Callers(anonymous=False, reader=True, writer=False, owner=True, admin=True),
}
"""Who is let through, where the request is about a private Space; to all others it is a missing one."""
_SPACE = "/api/spaces/{owner}/{name}"
TABLE: Mapping[str, Access] = {
    "GET /healthz": Access.ANYONE,
    "GET /readyz": Access.ANYONE,
    "GET /metrics": Access.ADMIN,
    "GET /--spaceport/client.js": Access.ANYONE,
    "GET /--spaceport/web/{file}": Access.ANYONE,
    "GET /": Access.PUBLIC,
    "GET /spaces": Access.PUBLIC,
    "GET /spaces/{owner}/{name}": Access.PUBLIC,
    "GET /api/whoami-v2": Access.SIGNED_IN,
    "POST /api/repos/create": Access.OWN_SPACES,
    "DELETE /api/repos/delete": Access.OWN_SPACES,
    "POST /api/validate-yaml": Access.SIGNED_IN,
    "GET /api/spaces": Access.PUBLIC,
    "GET /api/spaces/by-subdomain/{subdomain}": Access.SEE_SPACE,
    f"GET {_SPACE}": Access.SEE_SPACE,
    f"GET {_SPACE}/revision/{{revision:path}}": Access.SEE_SPACE,
    f"PUT {_SPACE}/settings": Access.CHANGE_SPACE,
    f"GET {_SPACE}/runtime": Access.SEE_SPACE,
    f"GET {_SPACE}/host": Access.SEE_SPACE,
    f"POST {_SPACE}/restart": Access.CHANGE_SPACE,
    f"POST {_SPACE}/pause": Access.CHANGE_SPACE,
    f"POST {_SPACE}/duplicate": Access.SEE_SPACE,
    f"POST {_SPACE}/sleeptime": Access.CHANGE_SPACE,
    f"GET {_SPACE}/secrets": Access.CHANGE_SPACE,
    f"POST {_SPACE}/secrets": Access.CHANGE_SPACE,
    f"DELETE {_SPACE}/secrets": Access.CHANGE_SPACE,
    f"GET {_SPACE}/variables": Access.CHANGE_SPACE,
    f"POST {_SPACE}/variables": Access.CHANGE_SPACE,
    f"DELETE {_SPACE}/variables": Access.CHANGE_SPACE,
    f"GET {_SPACE}/logs/{{which}}": Access.CHANGE_SPACE,
    f"GET {_SPACE}/refs": Access.SEE_SPACE,
    f"GET {_SPACE}/commits/{{revision}}": Access.SEE_SPACE,
    f"GET {_SPACE}/auth-check": Access.SEE_SPACE,
    f"GET {_SPACE}/auth-check/write": Access.CHANGE_SPACE,
    f"POST {_SPACE}/preupload/{{revision}}": Access.CHANGE_SPACE,
    f"POST {_SPACE}/commit/{{revision}}": Access.CHANGE_SPACE,
    f"GET {_SPACE}/tree/{{revision}}": Access.SEE_SPACE,
    f"GET {_SPACE}/tree/{{revision}}/{{path:path}}": Access.SEE_SPACE,
    f"POST {_SPACE}/paths-info/{{revision}}": Access.SEE_SPACE,
    "GET /spaces/{owner}/{name}/resolve/{revision}/{path:path}": Access.SEE_SPACE,
}


def check(access: Access, identity: Identity) -> None:
    """What can be said without knowing a Space. Raises `Unauthenticated`, `Forbidden`."""
    if access is Access.SIGNED_IN and identity.owner is None:
        raise Unauthenticated("Invalid credentials in Authorization header")
    if access is Access.OWN_SPACES:
        _must_hold_write_token(identity)
    if access is Access.ADMIN and not is_admin(identity):
        raise Forbidden("Only admins may do this: send a token of one, Authorization: Bearer hf_…")


def may_see(identity: Identity, owner: str, *, private: bool) -> bool:
    """Whether the caller may see a Space of `owner`; a private one is a missing one to everybody else."""
    return not private or (identity.owner is not None and (identity.owner.admin or identity.owner.name == owner))


def must_see(identity: Identity, space: SpaceRow | None) -> SpaceRow:
    """A Space that the caller may see. Raises `SpaceNotFound` for a missing one, and for a private one of others."""
    if space is None or not may_see(identity, space.owner, private=space.private):
        raise SpaceNotFound("Repository not found")
    return space


def sees_private(identity: Identity) -> tuple[str | None, bool]:
    """Whose private Spaces a listing shows beside all public ones: an owner's, and whether everybody's (`may_see`)."""
    return (None, False) if identity.owner is None else (identity.owner.name, identity.owner.admin)


def may_write(identity: Identity, owner: str) -> bool:
    """Whether the caller may change what `owner` has, and read its variables."""
    try:
        must_write(identity, owner)
    except (Unauthenticated, Forbidden):
        return False
    return True


def must_write(identity: Identity, owner: str) -> None:
    """Raises `Unauthenticated` without a token, `Forbidden` with one that may not change what `owner` has."""
    _must_hold_write_token(identity)
    if identity.owner is None or (not identity.owner.admin and identity.owner.name.lower() != owner.lower()):
        raise Forbidden(f"You cannot change what {owner[:96]} has.")


def is_admin(identity: Identity) -> bool:
    return identity.owner is not None and identity.owner.admin


def _must_hold_write_token(identity: Identity) -> None:
    if identity.owner is None or identity.token is None:
        raise Unauthenticated("Send a token with the role write: Authorization: Bearer hf_…")
    if identity.token.role != "write":
        raise Forbidden("This token may only read. Use one with the role write.")
