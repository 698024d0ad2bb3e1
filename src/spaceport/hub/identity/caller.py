"""The identity of a caller: an account, and the token that proves it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from spaceport.hub.identity.rights import Scopes
from spaceport.hub.identity.tiers import ANONYMOUS
from spaceport.store.hub.ports import Owner, Token
from spaceport.store.hub.session_ports import Session
from spaceport.store.hub.tier_ports import Tier

FINE_GRAINED = "fineGrained"
"""The role of a token with `scopes`."""


@dataclass(frozen=True, slots=True)
class Application:
    """What acts for a user who has allowed it: the app of a Space, or a program that signed in by a browser.

    `grant`: the id of what was allowed. `name`: the Space's, or what the program says it is.
    """

    grant: int
    name: str
    scopes: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request; `owner` is None for a caller who has shown neither a token nor a session.

    `roles`: by the id of an organization.
    """

    owner: Owner | None
    token: Token | None
    tier: Tier
    roles: Mapping[int, str] = field(default_factory=dict)
    session: Session | None = None
    shared: frozenset[int] = frozenset()
    """Ids of others' private Spaces that the caller may see."""
    scopes: Scopes | None = None
    """Set for a credential that is for certain Spaces only, and for nothing else that its user may do."""

    application: Application | None = None
    """Set where the token is one of an application's."""

    @property
    def valid_s(self) -> float:
        """Seconds until its token expires; infinitely many without one, and for one that does not."""
        expires_at = None if self.token is None else self.token.expires_at
        return math.inf if expires_at is None else expires_at - time.time()

    @property
    def may_write(self) -> bool:
        """Whether the credential is for more than reading, wherever its user may write."""
        if self.application is not None:
            return self.scopes is None
        return self.session is not None or (self.token is not None and self.token.role == "write")


NOBODY = Identity(None, None, ANONYMOUS)
