"""How a Space is used: its calls by the hour for seven days, and by endpoint since the hub started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import in_thread, queues_of, space_of
from spaceport.hub.queues.usage import HOUR_S, Hour, outcomes
from spaceport.hub.runtime.logs import stamp
from spaceport.observe import CallerCounter, quantile

_MAX_ENDPOINTS = 500


async def usage(request: Request) -> Response:
    """`GET …/usage`: hours without a call are left out; times in seconds."""
    queues, space = queues_of(request), space_of(request)
    hours = await in_thread(lambda: queues.usage.hours(space))
    queue = queues.get_open(space, reads=True)
    counts = {} if queue is None else queue.engine.counts()
    endpoints = sorted(queues.usage.counters(space).items(), key=lambda one: -one[1].accepted)
    return JSONResponse(
        {
            "calls": sum(hour.accepted for hour in hours),
            "queued": sum(waiting for waiting, _ in counts.values()),
            "running": sum(running for _, running in counts.values()),
            "hours": [_hour(one) for one in hours],
            "endpoints": [_endpoint(name, counter, counts) for name, counter in endpoints[:_MAX_ENDPOINTS]],
        }
    )


def _hour(hour: Hour) -> dict[str, Any]:
    return {
        "at": stamp(hour.at * HOUR_S),
        "accepted": hour.accepted,
        "succeeded": hour.succeeded,
        "failed": hour.failed,
        "cancelled": hour.cancelled,
        **_times("wait", hour.wait),
        **_times("run", hour.run),
    }


def _endpoint(name: str, counter: CallerCounter, counts: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    succeeded, failed, cancelled = outcomes([counter])
    queued, running = counts.get(name, (0, 0))
    return {
        "endpoint": name,
        "accepted": counter.accepted,
        "succeeded": succeeded,
        "failed": failed,
        "cancelled": cancelled,
        "queued": queued,
        "running": running,
        **_times("wait", counter.wait.counts),
        **_times("run", counter.run.counts),
    }


def _times(what: str, counts: list[int]) -> dict[str, float | None]:
    return {f"{what}_p50_s": quantile(counts, 0.5), f"{what}_p95_s": quantile(counts, 0.95)}
