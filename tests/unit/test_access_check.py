"""The repeated checks of open requests are spread over turns of the event loop."""

from __future__ import annotations

import asyncio
from collections import Counter

from spaceport.errors import NotFound
from spaceport.hub.gateway.access_check import AccessCheck, AccessChecks

MANY = 1050


async def test_many_checks_are_spread_and_each_is_repeated():
    checks, turns, asked = AccessChecks(0.05), [], Counter()
    twice = asyncio.Event()
    loop = asyncio.get_running_loop()
    turn = 0

    def count():
        nonlocal turn
        turn += 1
        loop.call_soon(count)

    def ask(number):
        asked[number] += 1
        turns.append(turn)
        if len(asked) == MANY and sum(count >= 2 for count in asked.values()) == MANY - 1:
            twice.set()
        if number == 1000:
            raise NotFound("gone")

    async def request(number):
        check = AccessCheck(checks, lambda: ask(number))
        try:
            with check:
                await twice.wait()
        except asyncio.CancelledError:
            assert check.revoked
            return number
        return None

    loop.call_soon(count)
    ended = await asyncio.wait_for(asyncio.gather(*(request(number) for number in range(MANY))), 60)
    assert [number for number in ended if number is not None] == [1000]
    assert set(asked) == set(range(MANY))
    assert max(turns.count(one) for one in set(turns)) <= 100
    assert asked[1000] == 1
