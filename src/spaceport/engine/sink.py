"""Receives what attempts report, writes it into the jobs' logs, and journals when a prefetched job starts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from spaceport.engine import ranks
from spaceport.engine.attempt import Attempt
from spaceport.engine.group import Group
from spaceport.engine.jobs import Job
from spaceport.engine.outcome import State
from spaceport.engine.registry import Registry
from spaceport.engine.updates import LogLine, Queued, Started
from spaceport.wire.diff import Edit

logger = logging.getLogger("spaceport.engine")

_WAITS_AFTER_S = 0.05
"""A prefetched job that has not begun after this time is journalled as waiting."""


class AttemptSink:
    """Implements `attempt.Sink`. `slot_freed` is called with the group of an attempt that gives up its slot."""

    def __init__(self, registry: Registry, slot_freed: Callable[[Group], None]) -> None:
        self._registry = registry
        self._clock = registry.clock
        self._updates_bytes = registry.bounds.updates_bytes
        self._slot_freed = slot_freed

    def output(self, job: Job, values: list[Any]) -> None:
        if not job.ending and job.running is not None:
            at_s = self._clock() - job.running.started_at
            job.log.add_output(values, at_s, bound=self._updates_bytes)

    def edits(self, job: Job, edits: Sequence[tuple[Edit, ...]]) -> None:
        if not job.ending and job.running is not None:
            at_s = self._clock() - job.running.started_at
            job.log.add_edits(edits, at_s, bound=self._updates_bytes)

    def progress(self, job: Job, units: tuple[dict[str, Any], ...]) -> None:
        if not job.ending:
            job.log.add_progress(units, bound=self._updates_bytes)

    def log(self, job: Job, line: LogLine) -> None:
        if not job.ending:
            job.log.add_line(line, bound=self._updates_bytes)

    # With `Policy.prefetch`

    async def sending(self, attempt: Attempt[Job]) -> bool:
        if not attempt.sent:
            written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

            def done(error: Exception | None) -> None:
                log_error(error)
                if not written.done():
                    written.set_result(error is None)

            for job in attempt.jobs:
                job.replica = attempt.replica
                self._registry.journal.start(job.id, job.attempt, self._clock(), job.replica, done)
            attempt.sent = await written
        return attempt.sent and not all(job.ending for job in attempt.jobs)

    def reassigned(self, attempt: Attempt[Job], replica: str) -> None:
        self._registry.endpoints[attempt.endpoint].group.prefetched.move(attempt, replica)
        attempt.sent = False

    def waits(self, attempt: Attempt[Job], rank: int, eta_s: float | None) -> None:
        if attempt.begun:
            return
        attempt.rank = rank
        group = self._registry.endpoints[attempt.endpoint].group
        for job in attempt.jobs:
            if not job.ending:
                eta = group.eta_s(rank) if eta_s is None else eta_s
                job.log.add(Queued(rank, len(group.queue) + len(group.prefetched), eta))
                ranks.announce(group)
        if attempt.sent:
            asyncio.get_running_loop().call_later(_WAITS_AFTER_S, self._journal_waiting, attempt)

    def _journal_waiting(self, attempt: Attempt[Job]) -> None:
        """If this process dies now, the job has not run: the next process must send it to that replica again."""
        if attempt.sent and not attempt.begun:
            attempt.sent = False
            for job in attempt.jobs:
                if not job.ending:
                    self._registry.journal.requeue(job.id, job.attempt - 1, job.replica, log_error)

    def begun(self, attempt: Attempt[Job]) -> None:
        if attempt.begun:
            return
        attempt.begun = True
        group = self._registry.endpoints[attempt.endpoint].group
        attempt.begun_s = asyncio.get_running_loop().time()
        attempt.started_at = now = self._clock()
        if group.queue and group.last_start_at is not None:
            group.start_intervals.add(now - group.last_start_at)
        group.last_start_at = now
        group.prefetched.begun(attempt)
        for job in attempt.jobs:
            if not job.ending:
                if not attempt.sent:
                    self._registry.journal.start(job.id, job.attempt, now, job.replica, log_error)
                job.move(State.RUNNING)
                job.started_at = now
        attempt.sent = True
        self.log_start(group, attempt)
        self._slot_freed(group)
        ranks.announce(group)

    def log_start(self, group: Group, attempt: Attempt[Job]) -> None:
        """Tell the watchers of an attempt's jobs that it has begun."""
        eta = group.run_times.mean_s
        for job in attempt.jobs:
            if not job.ending:
                self._registry.observer.started(job)
                log = job.log
                if not log.entries:
                    log.add(Queued(0, 1, eta))
                log.add(Started(job.attempt, eta))


def log_error(error: Exception | None) -> None:
    """For records of the journal that nothing waits for."""
    if error is not None:
        logger.error("journal: %s", error)
