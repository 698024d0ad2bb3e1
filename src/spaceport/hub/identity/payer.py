"""Who pays for what a Space does: `x-ip-token`, a JWT that the hub mints for each request to a Space.

A Space that calls another one passes the token on, and the first caller pays for that call too. The token decides who
pays, never who may see something.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import msgspec

from spaceport.hub.identity.caller import Identity
from spaceport.store import secret_file

_ALGORITHM = "HS256"
_AUDIENCE = "device-api"
_MAX_HOPS = 4
"""How many Spaces may pass a token on, one after the other."""
_REUSE_S = 60.0
_CACHE_SIZE = 10_000
REQUEST_S = 3600.0
"""How long the token of a forwarded request is valid."""
CALL_S = 86_400.0
"""How long the token of a queued call is valid."""


class Payer(msgspec.Struct, frozen=True):
    """A `user`, or the `address` of an anonymous caller. `via`: the Spaces that passed the token on, newest last."""

    user: str | None
    address: str
    tier: str
    via: tuple[str, ...] = ()
    until: float | None = None
    """When the token that was passed on expires. Tokens that are minted from it expire no later."""


class PayerTokens:
    """Mints and verifies the tokens. `key_file` is created if it is missing."""

    def __init__(self, key_file: Path) -> None:
        self._key = secret_file(key_file, lambda: os.urandom(32))
        self._minted: OrderedDict[tuple[Payer, str, float], tuple[float, str]] = OrderedDict()

    def payer(self, identity: Identity, address: str, given: str | None) -> Payer:
        """Who pays for a request: the payer that a valid token of the hub names, else the caller."""
        passed = None if given is None else self._verify(given)
        if passed is not None:
            return passed
        return Payer(None if identity.owner is None else identity.owner.name, address, identity.tier.name)

    def mint(self, payer: Payer, space: str, for_s: float) -> str:
        """A token for one Space. The same token is returned again for a minute."""
        now = time.time()
        minted_at, token = self._minted.get((payer, space, for_s), (0.0, ""))
        if now - minted_at < _REUSE_S:
            return token
        token = self._make(payer, space, for_s, now)
        self._minted[payer, space, for_s] = (now, token)
        if len(self._minted) > _CACHE_SIZE:
            self._minted.popitem(last=False)
        return token

    def _make(self, payer: Payer, space: str, for_s: float, now: float) -> str:
        until = now + for_s if payer.until is None else min(payer.until, now + for_s)
        claims = {
            "sub": payer.user or f"address:{payer.address}",
            "user": payer.user,
            "ip": payer.address,
            "tier": payer.tier,
            "space": space,
            "act": list(payer.via),
            "aud": _AUDIENCE,
            "iat": int(now),
            "exp": int(until) + 1,
            "jti": os.urandom(8).hex(),
        }
        token: str = _jwt().encode(claims, self._key, _ALGORITHM)
        return token

    def _verify(self, token: str) -> Payer | None:
        """The payer that a token names; None for one that is invalid, expired or was passed on too often."""
        jwt = _jwt()
        try:
            claims = jwt.decode(token, self._key, [_ALGORITHM], audience=_AUDIENCE)
            payer = Payer(claims["user"], claims["ip"], claims["tier"], (*claims["act"], claims["space"]))
        except (jwt.InvalidTokenError, KeyError, TypeError):
            return None
        return None if len(payer.via) > _MAX_HOPS else msgspec.structs.replace(payer, until=float(claims["exp"]))


def _jwt() -> Any:
    """The library takes a tenth of a hub's start to load: it is loaded with the first call."""
    import jwt

    return jwt
