"""Whole numbers in queries and headers."""

from __future__ import annotations

_MAX_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that a text of at most 18 ASCII digits is; None: it is none.

    `str.isdigit` alone is no check: `²` is a digit that `int` does not read, and neither does it read 5,000 digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None
