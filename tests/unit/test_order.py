"""The order of the whole suite names files that are there (tests/conftest.py)."""

from __future__ import annotations

from tests.conftest import LONGEST, ROOT, TOGETHER


def test_the_order_names_files():
    names = [name for name in LONGEST.split("|") if name not in TOGETHER]
    names += [name for group in TOGETHER.values() for name in group.split()]
    assert [name for name in names if not (ROOT / "tests" / f"{name}.py").is_file()] == []
    assert len(names) == len(set(names))
