"""Who calls a Space's queue: the identity that the gateway has established."""

from __future__ import annotations

from collections.abc import Callable

from spaceport.api import Auth
from spaceport.api.ports import Requester
from spaceport.hub.identity.access import is_admin
from spaceport.hub.identity.caller import Identity


class HubAuth(Auth):
    """Reads `scope["identity"]`, which the gateway sets."""

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def names(self) -> bool:
        return True

    def user(self, request: Requester) -> str | None:
        identity: Identity = request.scope["identity"]
        return None if identity.owner is None else identity.owner.name

    def operates(self, request: Requester) -> bool:
        identity: Identity = request.scope["identity"]
        return is_admin(identity)

    def streams(self, request: Requester) -> int:
        identity: Identity = request.scope["identity"]
        return identity.tier.streams

    def count_calls(self, request: Requester, number: int) -> None:
        """The gateway sets `scope["count_calls"]` where the caller's tier has a limit."""
        count: Callable[[int], None] | None = request.scope.get("count_calls")
        if count is not None and number:
            count(number)

    def priority(self, request: Requester) -> int:
        identity: Identity = request.scope["identity"]
        return identity.tier.priority
