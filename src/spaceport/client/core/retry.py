"""How long to wait before the next try."""

from __future__ import annotations

import random
from collections.abc import Iterator


def backoff(first_s: float = 0.2, most_s: float = 10.0) -> Iterator[float]:
    """Doubling waits in seconds, each shortened by chance so that many clients do not come back together."""
    wait = first_s
    while True:
        yield wait * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
        wait = min(most_s, wait * 2)
