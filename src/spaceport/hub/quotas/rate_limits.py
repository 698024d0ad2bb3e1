"""How many requests each caller may make in a window of a fixed length: of the hub's API, and calls of Spaces."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from spaceport.errors import RateLimited
from spaceport.hub.identity.address import address_group
from spaceport.hub.identity.caller import Identity
from spaceport.hub.identity.tiers import WINDOW_S
from spaceport.store.hub.tier_ports import Tier

_MAX_CALLERS = 100_000
_FILES = ("/resolve/", "/raw/")
"""In addresses of files, those of the hub that is asked for models too."""
_PROGRAMS = ("/api/", "/metrics", "/oauth/userinfo")
"""How the addresses begin that are no pages."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a caller has used of a window; `left` is below zero where that was too much."""

    name: str
    limit: int
    left: int
    seconds_left: int

    @property
    def headers(self) -> dict[str, str]:
        """What tells the caller what is left."""
        return {
            "ratelimit": f'"{self.name}";r={max(0, self.left)};t={self.seconds_left}',
            "ratelimit-policy": f'"fixed window";"{self.name}";q={self.limit};w={WINDOW_S:.0f}',
        }

    def check(self) -> None:
        """Raises `RateLimited`."""
        if self.left < 0:
            text = f"More than {self.limit} requests in {WINDOW_S:.0f} s. Try again later."
            raise RateLimited(text, self.seconds_left)


class RateLimiter:
    """Counts by account, or by address for callers without a credential. One window for all begins and ends at once.

    Accounts and addresses are counted apart, so that who has many addresses makes the hub forget no account; of too
    many, those that were counted longest ago are forgotten first. The pool is never forgotten.

    `limit_of`: a tier's. `pool`: how many times the limit of one all anonymous callers together have; 0: no bound.
    """

    def __init__(self, name: str, limit_of: Callable[[Tier], int], pool: int = 0) -> None:
        self._name = name
        self._limit_of = limit_of
        self._pool = pool
        self._users: OrderedDict[object, int] = OrderedDict()
        self._addresses: OrderedDict[object, int] = OrderedDict()
        self._anonymous = 0
        self._ends = 0.0

    def count(self, identity: Identity, address: str, number: int = 1) -> Usage:
        """Count a request, or a `number` of them at once."""
        now = time.monotonic()
        if now >= self._ends:
            self._users, self._addresses, self._anonymous = OrderedDict(), OrderedDict(), 0
            self._ends = now + WINDOW_S
        limit = self._limit_of(identity.tier)
        if identity.owner is not None:
            left = limit - _add(self._users, identity.owner.id, number)
        else:
            left = limit - _add(self._addresses, address_group(address), number)
            if self._pool and left >= 0:  # who is over the own limit takes nothing of the others'
                self._anonymous += number
                left = min(left, limit * self._pool - self._anonymous)
        return Usage(self._name, limit, left, int(self._ends - now) + 1)


def _add(counts: OrderedDict[object, int], caller: object, number: int) -> int:
    count = counts[caller] = counts.get(caller, 0) + number
    counts.move_to_end(caller)
    if len(counts) > _MAX_CALLERS:
        counts.popitem(last=False)
    return count


class ApiLimits:
    """Of the hub's own addresses, by what they are: `resolver` for files, `pages`, and `api` for all else."""

    def __init__(self) -> None:
        self._api = RateLimiter("api", lambda tier: tier.requests)
        self._resolver = RateLimiter("resolver", lambda tier: tier.resolver)
        self._pages = RateLimiter("pages", lambda tier: tier.pages)

    def of(self, method: str, path: str) -> RateLimiter:
        """The one that counts requests of a route, or of an address that no route takes."""
        if any(part in path for part in _FILES):
            return self._resolver
        is_page = method == "GET" and not path.startswith(_PROGRAMS)
        return self._pages if is_page else self._api
