"""The interpreter's search for cycles, made rarer in a process that serves."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 10_000
"""A call makes about 300 objects that could be part of a cycle; Python looks after 700, and at all objects often."""


def collect_seldom() -> None:
    """Look for cycles once in some thirty calls, and never again at what was imported: about 7 % more calls a second.

    Call it when everything is loaded.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)
