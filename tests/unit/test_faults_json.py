"""Values that functions return and JSON does not have."""

from __future__ import annotations

import json
import time

import pytest
from tests.faults import fault

from spaceport.wire.json import encode


class Silent:
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


@fault(
    kind="call",
    given="a function that returns `10**5000`, or an object whose `__str__` raises",
    before="the encoder raised, outside of the function: the call did not end as the function's",
    now="null, as for an infinite number; the name of the object's class",
)
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (10**4200, 10**4200),
        (10**5000, None),
        (-(10**5000), None),
        ([10**5000, 1], [None, 1]),
        ({"a": {10**5000: 10**5000}}, {"a": {"int": None}}),
        (Silent(), "Silent"),
        ([{"a": Silent()}, {1, 2}, "\ud800"], [{"a": "Silent"}, [1, 2], "?"]),
        ({Silent(): 1}, {"Silent": 1}),
    ],
    ids="abcdefgh",
)
def test_any_value_is_encoded(value, shown):
    assert json.loads(encode(value)) == shown


@fault(
    kind="parser",
    given="a function that returns a tree whose children know their parent, or a list that has itself twice",
    before="each was followed 64 levels deep: 2^64 steps in the server's event loop",
    now="what stands in itself is named by its type",
)
def test_cycles_end():
    began = time.monotonic()
    twice: list = []
    twice += [twice, twice]
    assert json.loads(encode(twice)) == ["list", "list"]
    root: dict = {"name": "root", "children": []}
    for i in range(50):
        root["children"].append({"name": i, "parent": root})
    found = json.loads(encode(root))
    assert found["children"][49] == {"name": 49, "parent": "dict"}
    assert time.monotonic() - began < 2
