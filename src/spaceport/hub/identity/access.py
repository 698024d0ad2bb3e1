"""Who may do what: the only place that decides it.

`TABLE` has a row for each route of the hub. The server asks `check` before a handler runs, so that a route without a
row cannot be served; `tests/hub/test_access.py` tries each row against a real hub. What a row cannot know, because the
owner's name stands in the body of the request, the directory of Spaces asks with `must_own` and `must_change`.

    action                                  needs, in an organization       elsewhere
    see a public Space                      nothing                         nothing
    see a private Space                     the role read                   its owner and its guests (sharing.py)
    make a Space, or move one there         the role contributor            the owner
    change, move, delete a Space            the role write, or the role     its owner
                                            contributor for who made it
    invite, give roles, remove, delete      the role admin                  -

An admin of the hub may do all of it. The credential has to allow it as well (rights.py): the session of a browser and
a token with the role write allow all, one with the role read allows reading, and a fine-grained one what its scopes
say of a Space. The token of a Space's app allows what its user has consented to (oauth_scopes.py), and to a Space that
it may not call it is nobody's. What would let a stolen token outlive itself (tokens, passwords, sessions) needs a
session.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from spaceport.errors import Forbidden, NotFound, Unauthenticated
from spaceport.hub.identity.caller import Identity
from spaceport.hub.identity.rights import Right
from spaceport.hub.identity.roles import ROLES, Role
from spaceport.store.hub.ports import Owner, SpaceRow


class SpaceNotFound(NotFound):
    """There is no such Space, or the caller may not see it; the answer is the same for both."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Which callers are let through. `reader` has a read token of the owner, `writer` another user's write token.

    Where the owner is an organization, `owner` is who made the Space, now a contributor, and the `member`s are others,
    with a write token: from which role on they are let through (None: not even admins of the organization).
    """

    anonymous: bool
    reader: bool
    writer: bool
    owner: bool
    admin: bool
    member: Role | None = Role.READ


class Access(enum.Enum):
    """What a route asks of its caller."""

    ANYONE = "not even a wrong token is refused: the request is neither identified nor counted"
    PUBLIC = "everybody"
    SIGNED_IN = "a token"
    ACCOUNT = "a token with the role write: about the caller's own account"
    OWN_PAGE = "a page of the hub itself: about signing in"
    SESSION = "the session of a browser: about what keeps the caller's account safe"
    OWN_SPACES = "may make Spaces for the owner whom the body of the request names"
    CHANGE_NAMED = "may change the Space that the body of the request names"
    SEE_SPACE = "may see the Space that the path names"
    CALL_SPACE = "may call the Space that the path names"
    READ_SPACE = "may read the files of the Space that the path names"
    CHANGE_SPACE = "may change the Space that the path names"
    MANAGE_SPACE = "may say who sees the Space that the path names"
    MEMBER = "is a member of the organization that the path names"
    MANAGE = "may manage the organization that the path names"
    ADMIN = "a token of an admin"
    MANAGE_HUB = "a token of an admin with the role write"


_EVERYBODY = Callers(anonymous=True, reader=True, writer=True, owner=True, admin=True)
_ADMINS = Callers(anonymous=False, reader=False, writer=False, owner=False, admin=True, member=None)
_READERS = Callers(anonymous=False, reader=True, writer=False, owner=True, admin=True)
_BROWSERS = Callers(anonymous=False, reader=False, writer=False, owner=False, admin=False, member=None)
_CHANGES = Callers(anonymous=False, reader=False, writer=False, owner=True, admin=True, member=Role.WRITE)
PUBLIC_SPACE: Mapping[Access, Callers] = {
    Access.ANYONE: _EVERYBODY,
    Access.PUBLIC: _EVERYBODY,
    Access.SIGNED_IN: Callers(anonymous=False, reader=True, writer=True, owner=True, admin=True),
    Access.ACCOUNT: Callers(anonymous=False, reader=False, writer=True, owner=True, admin=True),
    Access.OWN_PAGE: _BROWSERS,
    Access.SESSION: _BROWSERS,
    Access.OWN_SPACES: Callers(
        anonymous=False, reader=False, writer=False, owner=True, admin=True, member=Role.CONTRIBUTOR
    ),
    Access.SEE_SPACE: _EVERYBODY,
    Access.CALL_SPACE: _EVERYBODY,
    Access.READ_SPACE: _EVERYBODY,
    Access.CHANGE_NAMED: _CHANGES,
    Access.CHANGE_SPACE: _CHANGES,
    Access.MANAGE_SPACE: _CHANGES,
    Access.MEMBER: Callers(anonymous=False, reader=True, writer=False, owner=True, admin=True),
    Access.MANAGE: Callers(anonymous=False, reader=False, writer=False, owner=False, admin=True, member=Role.ADMIN),
    Access.ADMIN: _ADMINS,
    Access.MANAGE_HUB: _ADMINS,
}
"""Who is let through, where the request is about a public Space or about none (or about an organization)."""
PRIVATE_SPACE: Mapping[Access, Callers] = {
    **PUBLIC_SPACE,
    Access.SEE_SPACE: _READERS,
    Access.CALL_SPACE: _READERS,
    Access.READ_SPACE: _READERS,
}
"""Who is let through, where the request is about a private Space; to all others it is a missing one."""
_SPACE = "/api/spaces/{owner}/{name}"
_MEMBER = "/api/organizations/{owner}/members/{user}"
TABLE: Mapping[str, Access] = {
    "GET /healthz": Access.ANYONE,
    "GET /readyz": Access.ANYONE,
    "GET /metrics": Access.ADMIN,
    "GET /--spaceport/client.js": Access.ANYONE,
    "GET /--spaceport/web/{file}": Access.ANYONE,
    "GET /": Access.PUBLIC,
    "GET /spaces": Access.PUBLIC,
    "GET /{owner}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/readme": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/tree/{revision}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/tree/{revision}/{path:path}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/blob/{revision}/{path:path}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/commits/{revision}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/commit/{revision}": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/api": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/jobs": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/logs": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/usage": Access.PUBLIC,
    "GET /spaces/{owner}/{name}/settings": Access.PUBLIC,
    "GET /api/whoami-v2": Access.SIGNED_IN,
    "POST /api/repos/create": Access.OWN_SPACES,
    "DELETE /api/repos/delete": Access.CHANGE_NAMED,
    "POST /api/repos/move": Access.CHANGE_NAMED,
    "POST /api/validate-yaml": Access.SIGNED_IN,
    "GET /api/spaces": Access.PUBLIC,
    "GET /api/spaces/by-subdomain/{subdomain}": Access.SEE_SPACE,
    f"GET {_SPACE}": Access.SEE_SPACE,
    f"GET {_SPACE}/revision/{{revision:path}}": Access.READ_SPACE,
    f"PUT {_SPACE}/settings": Access.MANAGE_SPACE,
    f"GET {_SPACE}/runtime": Access.SEE_SPACE,
    f"GET {_SPACE}/host": Access.SEE_SPACE,
    f"POST {_SPACE}/restart": Access.CHANGE_SPACE,
    f"POST {_SPACE}/pause": Access.CHANGE_SPACE,
    f"POST {_SPACE}/duplicate": Access.READ_SPACE,
    f"POST {_SPACE}/sleeptime": Access.CHANGE_SPACE,
    f"GET {_SPACE}/secrets": Access.CHANGE_SPACE,
    f"POST {_SPACE}/secrets": Access.CHANGE_SPACE,
    f"DELETE {_SPACE}/secrets": Access.CHANGE_SPACE,
    f"GET {_SPACE}/variables": Access.CHANGE_SPACE,
    f"POST {_SPACE}/variables": Access.CHANGE_SPACE,
    f"DELETE {_SPACE}/variables": Access.CHANGE_SPACE,
    f"GET {_SPACE}/logs/{{which}}": Access.CHANGE_SPACE,
    f"GET {_SPACE}/usage": Access.SEE_SPACE,
    f"GET {_SPACE}/jobs": Access.SEE_SPACE,
    f"DELETE {_SPACE}/jobs/{{job_id}}": Access.CALL_SPACE,
    f"POST {_SPACE}/jobs/{{job_id}}/retry": Access.CALL_SPACE,
    f"GET {_SPACE}/refs": Access.READ_SPACE,
    f"GET {_SPACE}/commits/{{revision}}": Access.READ_SPACE,
    f"GET {_SPACE}/commit/{{revision}}": Access.READ_SPACE,
    f"GET {_SPACE}/auth-check": Access.SEE_SPACE,
    f"GET {_SPACE}/auth-check/write": Access.CHANGE_SPACE,
    f"POST {_SPACE}/preupload/{{revision}}": Access.CHANGE_SPACE,
    f"POST {_SPACE}/commit/{{revision}}": Access.CHANGE_SPACE,
    f"GET {_SPACE}/tree/{{revision}}": Access.READ_SPACE,
    f"GET {_SPACE}/tree/{{revision}}/{{path:path}}": Access.READ_SPACE,
    f"POST {_SPACE}/paths-info/{{revision}}": Access.READ_SPACE,
    "GET /spaces/{owner}/{name}/resolve/{revision}/{path:path}": Access.READ_SPACE,
    f"GET {_SPACE}/guests": Access.MANAGE_SPACE,
    f"PUT {_SPACE}/guests/{{guest}}": Access.MANAGE_SPACE,
    f"DELETE {_SPACE}/guests/{{guest}}": Access.MANAGE_SPACE,
    f"POST {_SPACE}/link": Access.MANAGE_SPACE,
    f"DELETE {_SPACE}/link": Access.MANAGE_SPACE,
    "GET /shared/{secret}": Access.PUBLIC,
    "GET /api/users/{owner}/overview": Access.SIGNED_IN,
    "GET /api/organizations/{owner}/overview": Access.SIGNED_IN,
    "GET /api/organizations/{owner}/members": Access.MEMBER,
    f"PUT {_MEMBER}": Access.MANAGE,
    f"DELETE {_MEMBER}": Access.MANAGE,
    "POST /api/organizations": Access.ACCOUNT,
    "POST /api/organizations/{owner}/leave": Access.ACCOUNT,
    "PATCH /api/organizations/{owner}": Access.MANAGE,
    "DELETE /api/organizations/{owner}": Access.MANAGE,
    "GET /api/organizations/{owner}/storage": Access.MEMBER,
    "GET /api/organizations/{owner}/invitations": Access.MANAGE,
    "POST /api/organizations/{owner}/invitations": Access.MANAGE,
    "DELETE /api/organizations/{owner}/invitations/{id}": Access.MANAGE,
    "POST /api/invitations/accept": Access.ACCOUNT,
    "GET /open": Access.PUBLIC,
    "GET /--spaceport/open.js": Access.ANYONE,
    "GET /login": Access.PUBLIC,
    "POST /login": Access.OWN_PAGE,
    "GET /login/openid": Access.PUBLIC,
    "GET /login/openid/callback": Access.PUBLIC,
    "GET /--spaceport/passkeys.js": Access.ANYONE,
    "POST /api/passkey-challenges": Access.OWN_PAGE,
    "POST /api/sessions/passkey": Access.OWN_PAGE,
    "GET /api/account/passkeys": Access.SESSION,
    "POST /api/account/passkeys": Access.SESSION,
    "POST /api/account/passkeys/options": Access.SESSION,
    "PATCH /api/account/passkeys/{id}": Access.SESSION,
    "DELETE /api/account/passkeys/{id}": Access.SESSION,
    "POST /logout": Access.OWN_PAGE,
    "GET /signup": Access.PUBLIC,
    "POST /signup": Access.OWN_PAGE,
    "GET /join/{secret}": Access.PUBLIC,
    "POST /join/{secret}": Access.OWN_PAGE,
    "GET /reset/{secret}": Access.PUBLIC,
    "POST /reset/{secret}": Access.OWN_PAGE,
    "GET /settings/account": Access.PUBLIC,
    "GET /settings/tokens": Access.PUBLIC,
    "GET /settings/log": Access.PUBLIC,
    "GET /new": Access.PUBLIC,
    "GET /admin/users": Access.PUBLIC,
    "GET /admin/invitations": Access.PUBLIC,
    "GET /admin/tiers": Access.PUBLIC,
    "GET /admin/spaces": Access.PUBLIC,
    "GET /admin/machine": Access.PUBLIC,
    "GET /admin/log": Access.PUBLIC,
    "GET /api/machine": Access.ADMIN,
    "GET /settings/organizations": Access.PUBLIC,
    "GET /settings/organizations/{owner}": Access.PUBLIC,
    "GET /api/tokens": Access.SESSION,
    "POST /api/tokens": Access.SESSION,
    "DELETE /api/tokens/{id}": Access.SESSION,
    "GET /api/account/log": Access.SESSION,
    "GET /.well-known/openid-configuration": Access.ANYONE,
    "GET /oauth/jwks": Access.ANYONE,
    "GET /api/openid-keys": Access.ADMIN,
    "POST /api/openid-keys": Access.MANAGE_HUB,
    "GET /oauth/userinfo": Access.SIGNED_IN,
    "POST /oauth/userinfo": Access.SIGNED_IN,
    "GET /oauth/authorize": Access.PUBLIC,
    "POST /oauth/authorize": Access.SESSION,
    "POST /oauth/token": Access.ANYONE,
    "POST /oauth/revoke": Access.ANYONE,
    "POST /oauth/device": Access.ANYONE,
    "GET /oauth/device": Access.PUBLIC,
    "POST /oauth/device/answer": Access.SESSION,
    "GET /api/applications": Access.SESSION,
    "DELETE /api/applications/{id}": Access.SESSION,
    "POST /api/sessions": Access.OWN_PAGE,
    "GET /api/sessions": Access.SESSION,
    "DELETE /api/sessions": Access.SESSION,
    "DELETE /api/sessions/{id}": Access.SESSION,
    "POST /api/sign-up": Access.OWN_PAGE,
    "GET /api/account": Access.SESSION,
    "PUT /api/account/name": Access.SESSION,
    "PUT /api/account/password": Access.SESSION,
    "DELETE /api/account": Access.SESSION,
    "GET /api/account/email": Access.SESSION,
    "PUT /api/account/email": Access.SESSION,
    "DELETE /api/account/email": Access.SESSION,
    "GET /confirm-email/{secret}": Access.PUBLIC,
    "POST /confirm-email/{secret}": Access.OWN_PAGE,
    "GET /forgot": Access.PUBLIC,
    "POST /forgot": Access.OWN_PAGE,
    "POST /api/password-reset-mails": Access.OWN_PAGE,
    "GET /api/mail": Access.ADMIN,
    "GET /api/account/openid": Access.SESSION,
    "POST /api/account/openid": Access.SESSION,
    "DELETE /api/account/openid": Access.SESSION,
    "GET /api/account/second-factor": Access.SESSION,
    "POST /api/account/second-factor": Access.SESSION,
    "PUT /api/account/second-factor": Access.SESSION,
    "DELETE /api/account/second-factor": Access.SESSION,
    "POST /api/account/recovery-codes": Access.SESSION,
    "DELETE /api/users/{owner}/second-factor": Access.MANAGE_HUB,
    "POST /api/password-resets": Access.OWN_PAGE,
    "POST /api/users/{owner}/password-reset": Access.MANAGE_HUB,
    "GET /api/invitations": Access.ADMIN,
    "POST /api/invitations": Access.MANAGE_HUB,
    "DELETE /api/invitations/{id}": Access.MANAGE_HUB,
    "GET /api/audit": Access.ADMIN,
    "GET /api/tiers": Access.PUBLIC,
    "PUT /api/tiers/{tier}": Access.MANAGE_HUB,
    "DELETE /api/tiers/{tier}": Access.MANAGE_HUB,
    "GET /api/users": Access.ADMIN,
    "GET /api/users/{owner}/log": Access.ADMIN,
    "GET /spaces/{owner}/{name}/raw/{revision}/{path:path}": Access.READ_SPACE,
    "POST /api/users": Access.MANAGE_HUB,
    "PATCH /api/users/{owner}": Access.MANAGE_HUB,
    "DELETE /api/users/{owner}": Access.MANAGE_HUB,
}


_TOO_LITTLE = "This token does not allow to {} {}."
_DOES = {Right.CALL: "call", Right.READ: "read the files of", Right.WRITE: "change", Right.MANAGE: "manage"}


def check(access: Access, identity: Identity) -> None:
    """What can be said without knowing a Space or an organization. Raises `Unauthenticated`, `Forbidden`."""
    if access in (Access.SIGNED_IN, Access.MEMBER) and identity.owner is None:
        raise Unauthenticated("Invalid credentials in Authorization header")
    if access in (Access.OWN_SPACES, Access.CHANGE_NAMED):
        _must_be_somebody(identity)
    if access in (Access.ACCOUNT, Access.MANAGE, Access.MANAGE_HUB):
        _must_hold_write_token(identity)
    if access is Access.MEMBER and identity.application is not None and identity.scopes is not None:
        raise Forbidden("An application may not do this: send a token of yours.")
    if access is Access.SESSION and identity.session is None:
        raise Forbidden("Sign in with a browser to do this: a token is not enough.")
    if access in (Access.ADMIN, Access.MANAGE_HUB) and not is_admin(identity):
        raise Forbidden("Only admins may do this: send a token of one, Authorization: Bearer hf_…")


def must_be_in(access: Access, identity: Identity, organization: Owner) -> None:
    """What `MEMBER` and `MANAGE` say of an organization. Raises `Forbidden`."""
    role = _role(identity, organization.id)
    if access is Access.MEMBER and role < Role.READ:
        raise Forbidden(f"Only members of {organization.name} may do this.")
    if access is Access.MANAGE and role < Role.ADMIN:
        raise Forbidden(f"Only admins of {organization.name} may do this.")


def may_see(identity: Identity, space: SpaceRow) -> bool:
    """Whether the caller may see a Space; a private one is a missing one to everybody else."""
    if not space.private:
        return True
    invited = space.id in identity.shared or _role(identity, space.owner_id) >= Role.READ
    return invited and _right(identity, space.owner_id, space.id) >= Right.CALL


def acts_for_user(identity: Identity, space: SpaceRow) -> bool:
    """Whether a Space may know whom a request comes from. An application may use public Spaces as everybody does; as
    its user, with their limits and their jobs, only those that they allowed it to call."""
    return identity.application is None or _right(identity, space.owner_id, space.id) >= Right.CALL


def must_see(identity: Identity, space: SpaceRow | None) -> SpaceRow:
    """A Space that the caller may see. Raises `SpaceNotFound` for a missing one, and for a private one of others."""
    if space is None or not may_see(identity, space):
        raise SpaceNotFound("Repository not found")
    return space


def must_have(access: Access, identity: Identity, space: SpaceRow) -> SpaceRow:
    """What a row says of a Space that the caller sees. Raises `Unauthenticated`, `Forbidden`."""
    if access is Access.CALL_SPACE:
        _must_allow(identity, space, Right.CALL)
    elif access is Access.READ_SPACE and space.private:
        _must_allow(identity, space, Right.READ)
    elif access in (Access.CHANGE_SPACE, Access.MANAGE_SPACE):
        must_change(identity, space, Right.WRITE if access is Access.CHANGE_SPACE else Right.MANAGE)
    return space


def sees_private(identity: Identity) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """Which private Spaces a listing shows beside all public ones: all of these owners, of these those that `may_see`
    allows, and whether everybody's."""
    if identity.owner is None:
        return (), (), False
    everything, own = identity.owner.admin, (identity.owner.id, *identity.roles)
    if identity.scopes is None or identity.scopes.everywhere >= Right.CALL:
        return own, tuple(identity.shared), everything
    return (
        tuple(one for one in identity.scopes.owners if everything or one in own),
        tuple(identity.scopes.spaces),
        False,
    )


def may_change(identity: Identity, space: SpaceRow, right: Right = Right.WRITE) -> bool:
    """Whether the caller may change a Space, and read its variables."""
    if identity.owner is None or _right(identity, space.owner_id, space.id) < right:
        return False
    role = _role(identity, space.owner_id)
    return role >= Role.WRITE or (role == Role.CONTRIBUTOR and space.creator == identity.owner.id)


def must_change(identity: Identity, space: SpaceRow, right: Right = Right.WRITE) -> None:
    """Raises `Unauthenticated` without a token, `Forbidden` with one that may not change the Space."""
    _must_allow(identity, space, right)
    if not may_change(identity, space, right):
        raise Forbidden(f"You may not change {space.full_name}.")


def must_own(identity: Identity, name: str, owner: Owner | None) -> Owner:
    """The owner called `name`, for whom the caller may make Spaces. Raises `Unauthenticated`, `Forbidden`, and, where
    there is none, `NotFound` for admins of the hub."""
    _must_be_somebody(identity)
    if owner is None and is_admin(identity):
        raise NotFound(f"There is no user or organization {name[:96]!r}.")
    if owner is None or _role(identity, owner.id) < Role.CONTRIBUTOR:
        raise Forbidden(f"You may not make Spaces for {name[:96]}.")
    if _right(identity, owner.id, None) < Right.MANAGE:
        raise Forbidden(_TOO_LITTLE.format("make Spaces for", owner.name))
    return owner


def is_admin(identity: Identity) -> bool:
    """Whether the caller may do what only admins of the hub may."""
    return identity.owner is not None and identity.owner.admin and identity.scopes is None


def _role(identity: Identity, owner: int) -> int:
    """What the caller is to an owner: 0 for a stranger; everybody is the admin of their own account."""
    if identity.owner is None:
        return 0
    if identity.owner.admin or identity.owner.id == owner:
        return Role.ADMIN
    return ROLES[identity.roles[owner]] if owner in identity.roles else 0


def _right(identity: Identity, owner: int, space: int | None) -> int:
    """What the credential allows to a Space, or to all Spaces of an owner."""
    if identity.scopes is not None:
        return identity.scopes.right(owner, space)
    return Right.MANAGE if identity.may_write else Right.READ


def _must_be_somebody(identity: Identity) -> None:
    if identity.owner is None:
        raise Unauthenticated("Send a token with the role write: Authorization: Bearer hf_…")
    if not identity.may_write and identity.scopes is None:
        raise Forbidden("This token may only read. Use one with the role write.")


def _must_allow(identity: Identity, space: SpaceRow, right: Right) -> None:
    if right > Right.READ:
        _must_be_somebody(identity)
    if _right(identity, space.owner_id, space.id) < right:
        raise Forbidden(_TOO_LITTLE.format(_DOES[right], space.full_name))


def _must_hold_write_token(identity: Identity) -> None:
    _must_be_somebody(identity)
    if not identity.may_write:
        raise Forbidden("This token is for certain Spaces only. Use one with the role write.")
