"""How many requests of the hub's API each caller may make in a window of a fixed length."""

from __future__ import annotations

import time

from spaceport.errors import RateLimited
from spaceport.hub.identity.address import address_group
from spaceport.hub.identity.caller import Identity
from spaceport.hub.identity.tiers import WINDOW_S

_MAX_CALLERS = 100_000


class RateLimiter:
    """Counts by account, or by address for callers without a token. One window for all begins and ends at once."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._ends = 0.0

    def count(self, identity: Identity, address: str) -> dict[str, str]:
        """Count one request; the headers that tell the caller what is left. Raises `RateLimited`."""
        now = time.monotonic()
        if now >= self._ends or len(self._counts) > _MAX_CALLERS:
            self._counts, self._ends = {}, now + WINDOW_S
        key = f"user:{identity.owner.id}" if identity.owner else f"address:{address_group(address)}"
        used = self._counts[key] = self._counts.get(key, 0) + 1
        limit, seconds_left = identity.tier.requests, int(self._ends - now) + 1
        if used > limit:
            raise RateLimited(f"More than {limit} requests in {WINDOW_S:.0f} s. Try again later.", seconds_left)
        return {
            "ratelimit": f'"api";r={limit - used};t={seconds_left}',
            "ratelimit-policy": f'"fixed window";"api";q={limit};w={WINDOW_S:.0f}',
        }
