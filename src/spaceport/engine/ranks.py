"""Publishes the ranks of waiting jobs to their watchers: at once when few are watched, once a second when many are."""

from __future__ import annotations

import asyncio

from spaceport.engine.group import Group
from spaceport.engine.jobs import Job
from spaceport.engine.updates import Queued

_AT_ONCE = 64
"""With more watched jobs in a group than this, changes of rank are published once per `_INTERVAL_S`."""
_INTERVAL_S = 1.0


def position(group: Group, job: Job) -> Queued:
    """Rank, queue size and ETA of a waiting job now."""
    attempt = group.prefetched.get(job.id)
    rank = group.queue.rank(job) + group.jobs_before_queue if attempt is None else attempt.rank
    return Queued(rank, len(group.queue) + len(group.prefetched), group.eta_s(rank))


def publish(group: Group, job: Job) -> None:
    """Write a job's rank into its log if it has changed."""
    now = position(group, job)
    if not job.log.entries or job.log.entries[-1] != now:
        job.log.add(now)


def announce(group: Group) -> None:
    """Schedule the publication of the new ranks of a group's watched jobs."""
    if not group.watched or group.announcing:
        return
    group.announcing = True
    loop = asyncio.get_running_loop()
    since = loop.time() - group.announced_at
    delay = 0.0 if len(group.watched) <= _AT_ONCE else max(0.0, _INTERVAL_S - since)
    loop.call_later(delay, _publish_all, group, loop)


def _publish_all(group: Group, loop: asyncio.AbstractEventLoop) -> None:
    group.announcing = False
    group.announced_at = loop.time()
    for job in list(group.watched.values()):
        publish(group, job)
