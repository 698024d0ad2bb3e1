"""A result passes through the hub as the bytes that the replica sent, however they were cut."""

from __future__ import annotations

import pytest

from spaceport.hub.queues.upstream.events import MAX_EVENT, EventTooLarge
from spaceport.hub.queues.upstream.native import _RESULT, _read_result

EVENT = _RESULT + b'["\\n and more"]\nid: 12\n\n'


async def pieces(*chunks):
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize("cut", range(len(_RESULT), len(EVENT)))
async def test_a_result_in_two_pieces(cut):
    found = await _read_result(EVENT[:cut], pieces(EVENT[cut:]))
    assert found is not None
    assert found.data == b'["\\n and more"]'


async def test_a_result_byte_by_byte():
    found = await _read_result(EVENT[:30], pieces(*[EVENT[at : at + 1] for at in range(30, len(EVENT))]))
    assert found is not None
    assert found.data == b'["\\n and more"]'


async def test_a_result_that_breaks_off_is_none():
    assert await _read_result(EVENT[:40], pieces()) is None
    assert await _read_result(EVENT[:40], pieces(EVENT[40:-1])) is None


async def test_a_result_above_the_bound_is_refused():
    body = b"x" * (MAX_EVENT - 2)
    found = await _read_result(_RESULT + b'"', pieces(body, b'"\nid: 3\n\n'))
    assert found is not None
    assert len(found.data) == MAX_EVENT
    with pytest.raises(EventTooLarge):
        await _read_result(_RESULT + b'"', pieces(body, b'x"\nid: 3\n\n'))
    with pytest.raises(EventTooLarge):
        await _read_result(_RESULT, pieces(*[b"x" * 1_000_000] * 100))
