"""The identity of a caller: an account, and the token that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spaceport.hub.identity.tiers import ANONYMOUS, Tier
from spaceport.store.hub.ports import Owner, Token


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request; `owner` is None for a caller without a token. `roles`: by the id of an organization."""

    owner: Owner | None
    token: Token | None
    tier: Tier
    roles: Mapping[int, str] = field(default_factory=dict)


NOBODY = Identity(None, None, ANONYMOUS)
