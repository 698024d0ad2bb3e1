"""Publishes the ranks of waiting jobs to their watchers: the first change at once, those that follow it together."""

from __future__ import annotations

import asyncio

from spaceport.engine.group import Group
from spaceport.engine.jobs import Job
from spaceport.engine.updates import Queued

_FEW = 64
_FEW_INTERVAL_S = 0.05
_INTERVAL_S = 1.0
"""Ranks are published this often at most, and every `_FEW_INTERVAL_S` where no more than `_FEW` jobs are watched."""


def position(group: Group, job: Job) -> Queued:
    """Rank, queue size and ETA of a waiting job now."""
    attempt = group.prefetched.get(job.id)
    rank = group.queue.rank(job) + group.prefetched.jobs_before_queue if attempt is None else attempt.rank
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
    interval = _FEW_INTERVAL_S if len(group.watched) <= _FEW else _INTERVAL_S
    loop.call_later(max(0.0, interval - since), _publish_all, group, loop)


def _publish_all(group: Group, loop: asyncio.AbstractEventLoop) -> None:
    group.announcing = False
    group.announced_at = loop.time()
    for job in list(group.watched.values()):
        publish(group, job)
