"""How the jobs of an endpoint queue and run, as its author decided."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """`group` names the limit group. Endpoints of a group share `limit`, the number of attempts that run at once
    (None: no limit). With `batch_size > 1` one attempt takes up to that many waiting jobs of this endpoint.
    `time_limit_s` bounds one attempt. `retries` is how often a job runs again that failed or whose process died.

    `prefetch`: the executor sends jobs to the queue of another server before they can start there. The job still waits
    until `Sink.begun`. That server decides how many run at once and the executor how many wait there; `limit` is only
    what is assumed where waiting times are foretold before they were measured.
    """

    endpoint: str
    group: str
    limit: int | None = 1
    batch_size: int = 1
    time_limit_s: float | None = None
    retries: int = 0
    prefetch: bool = False
