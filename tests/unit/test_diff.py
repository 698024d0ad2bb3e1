"""Edit scripts: what Gradio sends, where it is right, and always the new value when applied."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spaceport.wire.diff import apply, diff
from spaceport.wire.json import encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=12,
)


def same(a, b):
    """The same JSON value: keys in any order, but 1, true and 1.0 apart."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return encode(a) == encode(b)


@given(JSON, JSON)
def test_applying_a_diff_gives_the_new_value(old, new):
    assert same(apply(old, diff(old, new)), new)


@given(JSON, JSON)
def test_the_old_value_is_not_changed(old, new):
    before = encode(old)
    apply(old, diff(old, new))
    assert encode(old) == before


def test_text_that_grows_is_appended():
    assert diff("ab", "abc") == (("append", (), "c"),)


def test_nested_arrays_shrink_rightly():
    assert apply([[1, 2, 3], [1, 2, 3]], diff([[1, 2, 3], [1, 2, 3]], [[1], [1]])) == [[1], [1]]


def test_one_true_and_one_point_zero_differ():
    assert diff({"a": 1}, {"a": True}) == (("replace", ("a",), True),)
    assert diff({"a": True}, {"a": 1.0}) == (("replace", ("a",), 1.0),)
