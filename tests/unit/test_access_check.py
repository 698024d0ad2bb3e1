"""The repeated checks of open requests are spread over turns of the event loop."""

from __future__ import annotations

import asyncio

from spaceport.errors import NotFound
from spaceport.hub.gateway.access_check import AccessCheck, AccessChecks

MANY = 1050


async def test_many_checks_are_spread_and_each_is_repeated():
    checks, turns, asked = AccessChecks(0.05), [], []
    loop = asyncio.get_running_loop()
    turn = 0

    def count():
        nonlocal turn
        turn += 1
        loop.call_soon(count)

    def ask(number):
        asked.append(number)
        turns.append(turn)
        if number == 1000:
            raise NotFound("gone")

    async def request(number):
        check = AccessCheck(checks, lambda: ask(number))
        try:
            with check:
                await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            assert check.revoked
            return number
        return None

    loop.call_soon(count)
    ended = await asyncio.gather(*(request(number) for number in range(MANY)))
    assert [number for number in ended if number is not None] == [1000]
    assert set(asked) == set(range(MANY))
    assert max(turns.count(one) for one in set(turns)) <= 100
    assert asked.count(1000) == 1
    assert min(asked.count(number) for number in range(1000)) >= 2  # again and again
