"""Who pays for what a Space does: `x-ip-token`, a JWT that the hub mints for each request to a Space (HUB.md).

A Space that calls another passes it on, and the other's requests are then on the first caller. It decides who pays,
never who may see something.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import msgspec

from spaceport.hub.identity.accounts import Identity
from spaceport.store import secret_file

_ALGORITHM = "HS256"
_AUDIENCE = "device-api"
_ACTORS = 4
_SAME_S = 60.0
_MINTED = 10_000
REQUEST_S = 3600.0
CALL_S = 86_400.0


class Payer(msgspec.Struct, frozen=True):
    """`user` or an `address` of nobody in particular; `via`: the Spaces that passed it on, the newest last."""

    user: str | None
    address: str
    tier: str
    via: tuple[str, ...] = ()
    until: float | None = None
    """Never later than the token it came from."""


class PayerTokens:
    """`key_file` is made where there is none."""

    def __init__(self, key_file: Path) -> None:
        self._key = secret_file(key_file, lambda: os.urandom(32))
        self._minted: OrderedDict[tuple[Payer, str, float], tuple[float, str]] = OrderedDict()

    def payer(self, identity: Identity, address: str, given: str | None) -> Payer:
        """Who pays for a request: whom a token of ours names, if it came with one, else who makes it."""
        passed = None if given is None else self._passed(given)
        if passed is not None:
            return passed
        return Payer(None if identity.owner is None else identity.owner.name, address, identity.tier.name)

    def mint(self, payer: Payer, space: str, for_s: float) -> str:
        """A token for one Space; the same one again within a minute."""
        now = time.time()
        minted_at, token = self._minted.get((payer, space, for_s), (0.0, ""))
        if now - minted_at < _SAME_S:
            return token
        token = self._make(payer, space, for_s, now)
        self._minted[payer, space, for_s] = (now, token)
        if len(self._minted) > _MINTED:
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

    def _passed(self, token: str) -> Payer | None:
        """None for what is no token of ours, has expired, or went through too many hands."""
        jwt = _jwt()
        try:
            claims = jwt.decode(token, self._key, [_ALGORITHM], audience=_AUDIENCE)
            payer = Payer(claims["user"], claims["ip"], claims["tier"], (*claims["act"], claims["space"]))
        except (jwt.InvalidTokenError, KeyError, TypeError):
            return None
        return None if len(payer.via) > _ACTORS else msgspec.structs.replace(payer, until=float(claims["exp"]))


def _jwt() -> Any:
    """With all of its algorithms it takes a tenth of a hub's start: loaded with the first call."""
    import jwt

    return jwt
