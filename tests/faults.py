"""`@fault(…)` marks the test that keeps an input which once failed; docs/faults.md is made of the marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def fault(*, kind: str, given: str, before: str, now: str) -> Callable[[Any], Any]:
    """Mark a test as the keeper of one input. All four texts are literals: `scripts/gen_faults.py` reads them.

    `kind`: what sort of fault it is (one of the kinds in `scripts/gen_faults.py`). `given`: the input. `before`: what
    the input did when it was found. `now`: what it does, which the test asserts.
    """
    return pytest.mark.fault(kind=kind, given=given, before=before, now=now)
