"""How deep JSON nests, told before it is parsed."""

from __future__ import annotations

import pytest

from spaceport.wire.json import MAX_DEPTH, too_deep


def nested(depth: int, inner: bytes = b"") -> bytes:
    return b'[{"a":' * (depth // 2) + b"[" * (depth % 2) + inner + b"]" * (depth % 2) + b"}]" * (depth // 2)


@pytest.mark.parametrize(("depth", "deep"), [(0, False), (MAX_DEPTH, False), (MAX_DEPTH + 1, True), (100_000, True)])
def test_the_bound(depth, deep):
    assert too_deep(nested(depth, b"1")) is deep


@pytest.mark.parametrize(
    "text",
    [b'"%b"' % (b"[" * 500), rb'"\"%b"' % (b"[" * 500), rb'"\\\"%b"' % (b"{" * 500), b'"a", "%b"' % (b"[" * 500)],
)
def test_brackets_in_strings_do_not_count(text):
    assert not too_deep(b"[" + text + b"]")


def test_brackets_after_an_escaped_backslash_count():
    assert too_deep(rb'["\\", ' + nested(MAX_DEPTH, b"1") + b"]")


def test_many_shallow_brackets_are_not_deep():
    assert not too_deep(b"[" + b",".join([b'[1,{"a":[]}]'] * 20_000) + b"]")
