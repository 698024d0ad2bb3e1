"""`python -m benchmarks.guesses` (or `make guesses`): guess at a password at full speed for a minute.

Several attackers, each from an address of its own, guess at one account without a pause, while its owner signs in again
and again from the browser where they were. Exits with 1 where more guesses counted than the hub promises, where a right
one counted after that, or where the owner was refused.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import sys
import tempfile
import time
from pathlib import Path

import httpx
from tests.hub.conftest import HubServer

from spaceport.hub.state import Hub

_PASSWORD = "correct horse battery staple"
_ATTACKERS = 4
_MOST = 10
"""How many guesses at an account count in a quarter of an hour."""
_OWNER_INTERVAL_S = 5.0


def _browser(hub: HubServer, address: str) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(base_url=hub.url, headers={"origin": hub.url}, transport=transport, timeout=60)


async def _sign_in(http: httpx.AsyncClient, password: str) -> int:
    return (await http.post("/api/sessions", json={"name": "target", "password": password})).status_code


async def _attack(hub: HubServer, number: int, end: float, statuses: collections.Counter[int]) -> int:
    """Guess until `end`; the status of the right password after that."""
    async with _browser(hub, f"127.0.1.{number + 1}") as http:
        guess = 0
        while time.monotonic() < end:
            guess += 1
            statuses[await _sign_in(http, f"guess {number} {guess}")] += 1
        return await _sign_in(http, _PASSWORD)


async def _use(owner: httpx.AsyncClient, end: float) -> list[int]:
    """Sign in and out until `end`."""
    statuses = []
    while time.monotonic() < end:
        statuses.append(await _sign_in(owner, _PASSWORD))
        await owner.delete("/api/sessions/current")
        await asyncio.sleep(_OWNER_INTERVAL_S)
    return statuses


async def _measure(hub: HubServer, seconds: float) -> list[str]:
    """What was wrong."""
    statuses: collections.Counter[int] = collections.Counter()
    async with _browser(hub, "127.0.0.1") as owner:
        first = await _sign_in(owner, _PASSWORD)
        await owner.delete("/api/sessions/current")
        end = time.monotonic() + seconds
        used, *right = await asyncio.gather(
            _use(owner, end), *(_attack(hub, number, end, statuses) for number in range(_ATTACKERS))
        )
    total = sum(statuses.values())
    print(f"{total} guesses in {seconds:g} s, of which {statuses[401]} counted; the owner signed in {len(used)} times")
    checks = {
        f"{statuses[401]} guesses counted, at most {_MOST} may": 0 < statuses[401] <= _MOST,
        f"other answers than 401 and 429: {dict(statuses)}": set(statuses) == {401, 429},
        f"the right password of an attacker was answered with {right}": set(right) == {429},
        f"the owner was answered with {[first, *used]}": {first, *used} == {200},
    }
    return [text for text, holds in checks.items() if not holds]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        hub = HubServer(Path(folder), builds=True)
        try:
            with contextlib.closing(Hub(hub.data)) as state:
                state.passwords.set(state.accounts.add("target"), _PASSWORD)
                state.tiers.change("anonymous", {"requests": 10**9})
            problems = asyncio.run(_measure(hub, seconds))
        finally:
            hub.stop()
    for text in problems:
        print(text)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
