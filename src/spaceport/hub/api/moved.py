"""Former addresses of Spaces and accounts: who may see what has moved is sent on, until somebody else has the name."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from spaceport.hub.api.request import hub_of, identity_of
from spaceport.hub.identity.access import SpaceNotFound
from spaceport.store.hub.ports import SpaceRow


class Moved(Exception):
    """What the request's path names has another address. `location`: the path there, with the query."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def redirect(moved: Moved) -> Response:
    """The request is to be made again there, with its method and body; it is not remembered, for the name may become
    somebody else's."""
    return RedirectResponse(moved.location, 307, {"cache-control": "no-store"})


def space_at(request: Request, pattern: str) -> SpaceRow:
    """The Space that the path names, as far as the caller may see it. `pattern`: the route's path.

    Raises `SpaceNotFound`, `Moved`.
    """
    spaces, identity, parameters = hub_of(request).spaces, identity_of(request), request.path_params
    if "subdomain" in parameters:
        try:
            return spaces.by_subdomain(identity, parameters["subdomain"])
        except SpaceNotFound:
            moved = spaces.by_former_subdomain(identity, parameters["subdomain"])
            raise Moved(_path_with(request, pattern, {"{subdomain}": moved.subdomain})) from None
    try:
        return spaces.get_readable(identity, parameters["owner"], parameters["name"])
    except SpaceNotFound:
        moved = spaces.by_former_name(identity, parameters["owner"], parameters["name"])
        raise Moved(_path_with(request, pattern, _name_of(moved))) from None


def check_page(request: Request, pattern: str) -> None:
    """Raises `Moved` for the page of a Space that has another address now; a missing Space has a page."""
    try:
        space_at(request, pattern)
    except SpaceNotFound:
        return


def check_owner(request: Request, pattern: str) -> None:
    """Raises `Moved` where a signed-in caller reads something of an account by a former name."""
    owner, accounts = request.path_params.get("owner"), hub_of(request).accounts
    if owner is None or "name" in request.path_params or request.method != "GET" or identity_of(request).owner is None:
        return
    if accounts.find(owner) is None and (renamed := accounts.renamed(owner)) is not None:
        raise Moved(_path_with(request, pattern, {"{owner}": renamed.name}))


def _name_of(space: SpaceRow) -> Mapping[str, str]:
    return {"{owner}": space.owner, "{name}": space.name}


def _path_with(request: Request, pattern: str, values: Mapping[str, str]) -> str:
    """The request's path with other parameters; all else stays quoted as it came."""
    parts = request.scope["raw_path"].decode("latin-1").split("/")
    for place, part in enumerate(pattern.split("/")):
        if part in values:
            parts[place] = values[part]
    query = request.scope["query_string"].decode("latin-1")
    return "/".join(parts) + (f"?{query}" if query else "")
