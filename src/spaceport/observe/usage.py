"""How the endpoints of a Space are used, for its API page: the counters of `Metrics` in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spaceport.observe.metrics import CallerCounter, quantile

_ENDPOINTS_MAX = 500
_SUCCEEDED, _CANCELLED = "succeeded", "cancelled"


def endpoint_usage(counters: Mapping[str, CallerCounter]) -> dict[str, dict[str, Any]]:
    """By endpoint, those with most calls first: calls, how they ended, and the seconds that they ran."""
    busiest = sorted(counters.items(), key=lambda one: -one[1].accepted)[:_ENDPOINTS_MAX]
    return {name: _numbers(counter) for name, counter in busiest}


def _numbers(counter: CallerCounter) -> dict[str, Any]:
    succeeded, cancelled = counter.ended.get(_SUCCEEDED, 0), counter.ended.get(_CANCELLED, 0)
    return {
        "calls": counter.accepted,
        "succeeded": succeeded,
        "failed": sum(counter.ended.values()) - succeeded - cancelled,
        "cancelled": cancelled,
        "run_p50_s": quantile(counter.run.counts, 0.5),
        "run_p95_s": quantile(counter.run.counts, 0.95),
    }
