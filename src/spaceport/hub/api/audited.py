"""What of a request the log has: who makes it, about which Space, and with which outcome."""

from __future__ import annotations

from starlette.requests import Request

from spaceport.hub.api.browser import address_of
from spaceport.hub.api.request import context_of, in_thread
from spaceport.hub.identity.audit import credential_of, entry_of
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.store.hub.ports import Owner, SpaceRow

_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_MAX_NOTE = 150


def note(request: Request, text: str) -> None:
    """What the request's path does not say of it."""
    request.state.note = "".join(one if one.isprintable() else "?" for one in text[:_MAX_NOTE])


def note_space(request: Request, space: SpaceRow) -> None:
    """The Space that the body of the request names."""
    request.state.noted_space = space.full_name


def acts_for(request: Request, user: Owner, credential: str = "") -> None:
    """The request signs this user in: a browser, or an application."""
    request.state.actor = (user, credential)


def tries(request: Request, user: Owner | None) -> None:
    """The request wants to sign this user in; None for a name that nobody has, which may be somebody's password."""
    request.state.tried = "" if user is None else user.name


async def record(request: Request, status: int) -> None:
    """Log who changed what, without the secret that the path of an invitation has."""
    state = request.state
    identity: Identity = getattr(state, "identity", NOBODY)
    actor: tuple[Owner, str] | None = getattr(state, "actor", None)
    user, credential = (identity.owner, credential_of(identity)) if actor is None else actor
    failed = user is None and status == 401 and hasattr(state, "tried")
    if not failed and (user is None or (actor is None and request.method not in _CHANGES)):
        return
    path, secret = request.url.path, request.path_params.get("secret")
    action = f"{request.method} {path if secret is None else path.replace(secret, '…')}"
    if text := getattr(state, "note", ""):
        action += f" ({text})"
    space = getattr(state, "noted_space", "") or (state.space.full_name if hasattr(state, "space") else "")
    account = state.tried if user is None else user.name
    entry = entry_of(action, status, address_of(request), account=account, credential=credential, space=space)
    audit = context_of(request).hub.audit
    await in_thread(lambda: audit.record(user, entry))
