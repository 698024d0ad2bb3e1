"""Ranks of waiting jobs, told to those who watch: at once when few do, once a second when many do."""

from __future__ import annotations

import asyncio

from spaceport.engine.group import Group
from spaceport.engine.jobs import Job
from spaceport.engine.updates import Queued

_AT_ONCE = 64
"""Up to this many watched jobs in a group learn each change of their rank at once; more, once an interval."""
_INTERVAL_S = 1.0


def position(group: Group, job: Job) -> Queued:
    """Where a waiting job stands now."""
    sent = group.prefetched.get(job.id)
    rank = group.line.rank(job) + group.before if sent is None else sent.rank
    return Queued(rank, len(group.line) + len(group.prefetched), group.eta_s(rank))


def publish(group: Group, job: Job) -> None:
    """Write a job's rank into its log, if it has changed."""
    now = position(group, job)
    if not job.log.entries or job.log.entries[-1] != now:
        job.log.add(now)


def announce(group: Group) -> None:
    """Tell watched waiting jobs their new rank, soon and together."""
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
