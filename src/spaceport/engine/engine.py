"""The queue engine: accept, journal, order, run, publish, recover.

A job is accepted when the journal has it; it starts when its group has room; its outcome is told when the journal
has that too. Everything runs in one event loop and nothing polls: each step is caused by the one before.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from spaceport.engine import ranks
from spaceport.engine.admission import Bounds, CallerCounter, JobRequest, check_capacity
from spaceport.engine.executor import Assigned, Attempt, CachedResult, Executor, Result, Retryable, Wait
from spaceport.engine.finished import FinishedJobs
from spaceport.engine.group import Group, RunTimes
from spaceport.engine.idempotency import PendingKeys, check_digest
from spaceport.engine.jobs import Failure, Job, OnDisconnect, Outcome, State, new_id
from spaceport.engine.journal import Accepted, Finished, JobFilter, Journal, Stored
from spaceport.engine.observer import JobObserver
from spaceport.engine.policy import Policy
from spaceport.engine.recovery import job_from, restore_call
from spaceport.engine.retries import RetryTimers, delay_s
from spaceport.engine.updates import (
    Ended,
    LogLine,
    Output,
    Progress,
    Queued,
    Started,
    Watcher,
)
from spaceport.errors import Conflict, Interrupted, JobCancelled, JobTimedOut, SpaceUnavailable

logger = logging.getLogger("spaceport.engine")

_RETRY_S = 1.0
_PURGE_S = 60.0
_SCAN_LIMIT = 64
"""How many of those that wait are looked at for one that may go, where the first ones may not."""
_WAITS_S = 0.05
"""After this a job that was sent ahead and has not begun is one that waits."""
_STOPPED = Failure(Interrupted.code, "The server stopped before the call could end.", shown=True)
_CANCELLED = Failure(JobCancelled.code, "The job was cancelled.", shown=True, title="Cancelled")


class Engine:
    """Owns the jobs of one Space. All methods belong to the loop that `start` ran in."""

    def __init__(
        self,
        policies: Sequence[Policy],
        executor: Executor,
        journal: Journal,
        bounds: Bounds,
        clock: Callable[[], float],
        observer: JobObserver | None = None,
    ) -> None:
        """`clock` gives the time in seconds since the epoch."""
        self.policies: dict[str, Policy] = {}
        self.bounds = bounds
        self.draining = False
        self._executor = executor
        self._journal = journal
        self._clock = clock
        self._observer = observer or JobObserver()
        self._groups: dict[str, Group] = {}
        self._times: dict[str, RunTimes] = {}
        for policy in policies:
            self.add(policy)
        self._jobs: dict[str, Job] = {}
        self._recent = FinishedJobs(bounds.recent_bytes)
        self._keys = PendingKeys()
        self._waiting = CallerCounter()
        self._running = CallerCounter()
        self._attempts = 0
        self._resting = RetryTimers(self._woke)
        self._tasks: set[asyncio.Task[None]] = set()
        self._purge_timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Jobs waiting in all groups together."""
        return self._waiting.count

    @property
    def running(self) -> int:
        """Jobs running in all groups together, and those that an executor was sent."""
        return self._running.count

    def counts(self) -> dict[str, tuple[int, int]]:
        """By endpoint: jobs that wait, and jobs that run."""
        found = {name: [0, 0] for name in self.policies}
        for job in self._jobs.values():
            if not job.ending:
                found.setdefault(job.endpoint, [0, 0])[job.state is State.RUNNING] += 1
        return {name: (waiting, running) for name, (waiting, running) in found.items()}

    def add(self, policy: Policy) -> None:
        """One more endpoint, or another policy for one."""
        self.policies[policy.endpoint] = policy
        group = self._groups.setdefault(policy.group, Group(policy.group, policy.limit))
        limits = [one.limit for one in self.policies.values() if one.group == policy.group and one.limit is not None]
        group.limit = min(limits, default=None)
        self._times.setdefault(policy.endpoint, RunTimes())

    def redispatch(self) -> None:
        """What the executor sends jobs to has changed: those that wait for room may have it."""
        for group in self._groups.values():
            self._dispatch(group)

    @property
    def quiet(self) -> bool:
        """Whether no job waits or runs."""
        return not self._jobs

    async def start(self) -> None:
        """Take over what an earlier process left: waiting jobs wait again, running ones retry or fail."""
        self._loop = asyncio.get_running_loop()
        with _no_collections():  # each would look at all the jobs again
            waiting: dict[str, list[Job]] = {}
            for stored in await self._journal.unfinished():
                self._recover(stored, waiting)
            for name, jobs in waiting.items():
                self._groups[name].line.add_all(jobs)
        for group in self._groups.values():
            self._dispatch(group)
        self._purge_timer = self._loop.call_later(_PURGE_S, self._start_purge)

    # Submitting

    async def submit(self, new: JobRequest) -> Job:
        """Accept a job: when this returns, it ends in exactly one outcome.

        Raises `QueueFull`, `Conflict` (an idempotency key with another body) and `SpaceUnavailable` (draining, or
        the journal cannot be written); then there is no job.
        """
        if new.idempotency is not None:
            known = await self._known(*new.idempotency)
            if known is not None:
                return known
        if self.draining:
            raise SpaceUnavailable("The server is stopping and takes no new calls. Try again in a moment.", 5)
        policy = self.policies[new.endpoint]
        group = self._groups[policy.group]
        now = self._clock()
        job = Job(
            new.id or new_id(now),
            new.endpoint,
            new.call,
            user=new.user,
            session=new.session,
            own_session=new.own_session,
            priority=new.priority,
            retries=policy.retries if new.retries is None else new.retries,
            on_disconnect=new.on_disconnect,
            accepted_at=now,
            durable=new.payload is not None,
            caller=new.caller,
            request_id=new.request_id,
        )
        job.session = job.session or job.id
        starts = new.answer is None and group.has_room and not group.line and not group.joining
        replica = self._placement(group, job) if starts else None
        starts = replica is not None
        if not starts and new.answer is None:
            check_capacity(self._waiting, self.bounds, new.caller)
        self._jobs[job.id] = job
        journalled = starts
        if replica is not None:
            group.line.record_start(job)
            attempt = self._take(group, [job], replica)
            if policy.prefetch:
                journalled = attempt.sent = bool(replica)
        elif new.answer is None:
            self._waiting.add(job)
            group.joining += 1
        accepted: asyncio.Future[None] = self._loop.create_future()
        if new.idempotency is not None:
            self._keys.add(new.idempotency[0], job, new.idempotency[1], accepted)

        def done(error: Exception | None) -> None:
            if new.idempotency is not None:
                self._keys.remove(new.idempotency[0])
            if policy.prefetch and new.answer is None:  # another process works on it while the caller is answered
                self._admit(group, job, starts=starts, refused=error is not None)
            if not accepted.cancelled():
                if error is None:
                    accepted.set_result(None)  # before it runs: the caller comes back for it meanwhile
                else:
                    text = "The journal cannot be written; the call was not accepted."
                    accepted.set_exception(SpaceUnavailable(text, 5))
            if error is None:
                self._observer.accepted(job)
            if new.answer is None:
                if not policy.prefetch:
                    self._admit(group, job, starts=starts, refused=error is not None)
            elif error is None:
                self._answer(job, new.answer)
            else:
                self._jobs.pop(job.id, None)

        self._journal.accept(
            Accepted(
                job.id,
                job.endpoint,
                new.payload or b"",
                job.user,
                job.session,
                job.own_session,
                job.priority,
                job.retries,
                job.on_disconnect.value,
                job.accepted_at,
                journalled,
                job.replica if journalled else "",
                new.idempotency,
            ),
            done,
        )
        await accepted
        return job

    async def _known(self, key: str, digest: bytes) -> Job | None:
        job = await self._keys.get(key, digest)
        if job is None:
            stored = await self._journal.idempotent(key)
            if stored is not None:
                check_digest(stored[1], digest)
                return await self.find(stored[0])
            job = await self._keys.get(key, digest)  # it may have come while the journal was asked
        return job

    def _admit(self, group: Group, job: Job, *, starts: bool, refused: bool) -> None:
        """The journal has answered. A job joins the line only now, so that none runs that was not accepted."""
        if refused:
            self._jobs.pop(job.id, None)
        if not starts:
            group.joining -= 1
            if refused or job.ending:
                self._waiting.remove(job)
            else:
                group.line.add(job)
            self._dispatch(group)
        elif refused:
            attempt = job.running
            assert attempt is not None
            self._release(group, attempt)
        else:
            self._begin(group, [job])

    def _answer(self, job: Job, answer: CachedResult) -> None:
        """End a job whose result is known. One that the journal keeps from before runs after a restart."""
        job.move(State.RUNNING)
        for values in answer.steps:
            job.log.add_output(values, 0.0, bound=self.bounds.updates_bytes)
        average = self._times[job.endpoint].mean_s
        streamed = bool(answer.steps)
        self._finish(job, Outcome(State.SUCCEEDED, answer.data, None, 0.0, average, (), streamed, cached=True))

    async def resubmit(self, failed: Job) -> Job:
        """The call of a failed job as a new one. Raises `Conflict` for a job that did not fail, or whose arguments are
        not kept, and what `submit` raises."""
        stored = await self._journal.read(failed.id)
        if stored is None or stored.state is not State.FAILED:
            raise Conflict(f"Only a job that failed can be called again; this one is {failed.state.value}.")
        was = stored.accepted
        if not was.payload or was.endpoint not in self.policies:
            raise Conflict("What the job was called with is not kept, or its endpoint is gone. Call anew.")
        call = self._executor.restore(was.endpoint, was.payload, waited=True)
        if isinstance(call, Failure):
            raise Conflict(call.message or "The call cannot be made again.")
        mode = OnDisconnect(was.on_disconnect)
        return await self.submit(
            JobRequest(
                was.endpoint, call, was.payload, was.user, was.session, was.own_session, was.priority, was.retries, mode
            )
        )

    # Reading

    async def writable(self) -> bool:
        """Whether a call could be accepted, as far as the journal goes."""
        return await self._journal.writable()

    async def find(self, job_id: str) -> Job | None:
        """A job by id, from memory or from the journal; None when there is none or its outcome has expired."""
        job = self._jobs.get(job_id) or self._recent.get(job_id)
        if job is not None:
            return None if job.expires_at is not None and job.expires_at <= self._clock() else job
        stored = await self._journal.read(job_id)
        if stored is None or (stored.finished is not None and stored.finished.expires_at <= self._clock()):
            return self._jobs.get(job_id)
        return self._jobs.get(job_id) or job_from(stored)

    def peek(self, job_id: str) -> Job | None:
        """A job that is in memory."""
        return self._jobs.get(job_id) or self._recent.get(job_id)

    async def listing(self, wanted: JobFilter) -> list[Job]:
        """Newest first."""
        stored = await self._journal.listing(wanted)
        return [self.peek(one.accepted.id) or job_from(one) for one in stored]

    async def session_user(self, session: str) -> tuple[str | None] | None:
        """Whose a session is, by the oldest of its jobs that is kept; None: by none."""
        return await self._journal.session_user(session)

    def watch(self, job: Job, watcher: Watcher) -> Callable[[], None]:
        """Wake `watcher` at each update of `job` until the returned function is called."""
        stop = job.log.watch(watcher)
        policy = self.policies.get(job.endpoint)
        if job.state is not State.QUEUED or job.ending or policy is None:
            return stop
        group = self._groups[policy.group]
        if job.running is not None:  # sent ahead: its rank comes from there
            if job.updates is None or not job.log.entries:
                ranks.publish(group, job)
            return stop
        if job.id not in group.watched:
            group.watched[job.id] = job
            ranks.publish(group, job)

        def leave() -> None:
            stop()
            if not job.log.watchers:
                group.watched.pop(job.id, None)

        return leave

    def position(self, job: Job) -> Queued | None:
        """Rank, queue size and ETA of a waiting job now; None for any other."""
        if job.state is not State.QUEUED or job.ending or job.endpoint not in self.policies:
            return None
        return ranks.position(self._groups[self.policies[job.endpoint].group], job)

    def average_s(self, endpoint: str) -> float | None:
        """Mean run time of an endpoint in seconds, once measured."""
        return self._times[endpoint].mean_s

    async def ended(self, job: Job) -> None:
        """Wait until a job's outcome can be read."""
        watcher = Watcher()
        watcher.ends_only = True
        stop = job.log.watch(watcher)
        try:
            while not job.state.final:
                await watcher.wait()
        finally:
            stop()

    # Running

    def _enqueue(self, group: Group, job: Job) -> None:
        group.line.add(job)
        self._waiting.add(job)

    def _left(self, group: Group, job: Job) -> None:
        self._waiting.remove(job)
        group.watched.pop(job.id, None)

    def _leave_line(self, group: Group, job: Job) -> None:
        group.line.remove(job)
        self._left(group, job)
        ranks.announce(group)

    def _placement(self, group: Group, job: Job) -> str | None:
        """What a job is sent to, if it may go now; "" also where nothing is sent."""
        most = self.bounds.running_per_caller
        if most is not None and job.caller and self._running.of(job.caller) >= most:
            return None
        if not self.policies[job.endpoint].prefetch:
            return ""
        found = self._executor.choose_replica(job, group.prefetched.values())
        if isinstance(found, Assigned):
            return found.id
        return None if isinstance(found, Wait) else ""

    def _take(self, group: Group, jobs: list[Job], replica: str) -> Attempt:
        """Occupy a slot; the jobs count as running from here on, though nothing has started.

        Those sent ahead wait still, until they are said to have begun.
        """
        group.running += 1
        self._attempts += 1
        attempt = Attempt(jobs[0].endpoint, jobs, self, self._clock())
        attempt.begun = not self.policies[attempt.endpoint].prefetch
        attempt.replica = replica
        for job in jobs:
            self._running.add(job)
            job.attempt += 1
            job.running = attempt
            job.replica = replica
            if attempt.begun:
                job.move(State.RUNNING)
                job.started_at = attempt.started_at
            else:
                group.prefetched[job.id] = attempt
        return attempt

    def _release(self, group: Group, attempt: Attempt) -> None:
        if not self.policies[attempt.endpoint].prefetch or not attempt.begun:
            group.running -= 1
        for job in attempt.jobs:
            group.prefetched.pop(job.id, None)
        self._freed(attempt.jobs)
        if self.bounds.running_per_caller is None:
            self._dispatch(group)
        else:
            self.redispatch()  # its caller's jobs may wait in any group

    def _freed(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._running.remove(job)
        self._attempts -= 1
        if self._attempts == 0:
            self._idle.set()

    def _dispatch(self, group: Group) -> None:
        """Start waiting jobs while the group has room."""
        if self.draining and self._journal.persistent:
            return  # what waits is handed back: the next process runs it
        started = False
        while group.line and group.has_room:
            jobs, replica = self._next_batch(group)
            if not jobs:
                break
            attempt = self._take(group, jobs, replica)
            started = True
            if attempt.begun:
                self._journal_start(group, jobs)
            else:
                self._begin(group, jobs)
        if started:
            ranks.announce(group)

    def _journal_start(self, group: Group, jobs: list[Job]) -> None:
        """Begin a batch once the journal knows of the start of each of its jobs."""
        left = len(jobs)
        failed = False

        def done(error: Exception | None) -> None:
            nonlocal left, failed
            left -= 1
            if error is not None:
                logger.error("journal: %s", error)
                failed = True
            if left == 0:
                if failed:
                    self._put_back(group, jobs)
                else:
                    self._begin(group, jobs)

        for job in jobs:
            self._journal.start(job.id, job.attempt, job.started_at or 0.0, job.replica, done)

    def _next_batch(self, group: Group) -> tuple[list[Job], str]:
        """The next job that may go, with others like it, and where to; none if those in front have to wait."""
        for first in group.line.first(_SCAN_LIMIT):
            replica = self._placement(group, first)
            if replica is not None:
                break
        else:
            return [], ""
        group.line.take(first)
        jobs = [first]
        size = self.policies[first.endpoint].batch_size
        most = self.bounds.running_per_caller
        for job in list(group.line.first(_SCAN_LIMIT + size)) if size > 1 else ():
            if len(jobs) == size or job.endpoint != first.endpoint:
                break
            own = sum(one.caller == job.caller for one in jobs) + self._running.of(job.caller)
            if most is None or not job.caller or own < most:
                group.line.take(job)
                jobs.append(job)
        for job in jobs:
            self._left(group, job)
        return jobs, replica

    def _put_back(self, group: Group, jobs: list[Job]) -> None:
        """The start could not be journalled, so it must not happen: wait, then try again."""
        for job in jobs:
            if not job.ending:
                job.move(State.QUEUED)
                job.attempt -= 1
                job.running = None
                self._enqueue(group, job)
        group.running -= 1
        self._freed(jobs)
        self._loop.call_later(_RETRY_S, self._dispatch, group)

    def _begin(self, group: Group, jobs: list[Job]) -> None:
        """The journal knows of the start: run."""
        attempt = jobs[0].running
        assert attempt is not None
        if attempt.begun:
            self._tell_started(group, attempt)
        if all(job.ending for job in jobs):
            self._release(group, attempt)
            return
        task = self._loop.create_task(self._run(group, attempt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell_started(self, group: Group, attempt: Attempt) -> None:
        eta = group.times.mean_s
        for job in attempt.jobs:
            if not job.ending:
                self._observer.started(job)
                if job.updates is None:  # nobody watched it wait
                    job.log.add(Queued(0, 1, eta))
                job.log.add(Started(job.attempt, eta))

    async def _run(self, group: Group, attempt: Attempt) -> None:
        policy = self.policies[attempt.endpoint]
        timer = None
        if policy.time_limit_s is not None:
            timer = self._loop.call_later(policy.time_limit_s, self._expire, attempt, policy.time_limit_s)
        begun = self._loop.time()
        try:
            results: Sequence[Result | Failure | Retryable] = await self._executor.run(attempt)
        except Exception:
            logger.exception("the executor broke while it ran %s", attempt.endpoint)
            results = [Failure("internal", None)] * len(attempt.jobs)
        finally:
            if timer is not None:
                timer.cancel()
        if not attempt.begun and any(isinstance(result, Result) for result in results):
            self.begun(attempt)
        elapsed = self._clock() - attempt.started_at if policy.prefetch else self._loop.time() - begun
        ran = attempt.begun and not any(isinstance(result, Retryable) for result in results)
        if ran and not attempt.cancelled.is_set():
            group.times.add(elapsed)
            self._times[attempt.endpoint].add(elapsed)
        average = self._times[attempt.endpoint].mean_s
        for job, result in zip(attempt.jobs, results, strict=True):
            if isinstance(result, Retryable):
                if self._requeue(group, job, result):
                    continue
                outcome = Outcome(State.FAILED, None, result.failure, elapsed, average, (), job.log.values is not None)
            elif isinstance(result, Result):
                outcome = Outcome(
                    State.SUCCEEDED, result.data, None, elapsed, average, result.changed, job.log.values is not None
                )
            else:
                state = State.CANCELLED if result.code == JobCancelled.code else State.FAILED
                outcome = Outcome(state, None, result, elapsed, average, (), job.log.values is not None)
            self._finish(job, outcome)
        self._release(group, attempt)

    def _requeue(self, group: Group, job: Job, result: Retryable) -> bool:
        """Let a job wait again after an attempt that came to nothing; False: its retries are used up."""
        attempt = job.running
        if job.ending or attempt is None:
            return True
        begun = result.begun or attempt.begun
        if begun and job.attempt > job.retries:
            return False
        if not begun:
            job.attempt -= 1
        if job.state is State.RUNNING:
            job.move(State.QUEUED)
        if attempt.sent or not self.policies[job.endpoint].prefetch:
            self._journal.requeue(job.id, job.attempt, "", _log_error)
        job.running = None
        job.replica = ""
        self._waiting.add(job)
        if begun:
            self._observer.retried(job)
            if job.log.watchers:
                group.watched[job.id] = job
                ranks.publish(group, job)
            self._resting.add(job, delay_s(job.attempt, self.bounds.retry_delay_s))
        else:
            group.line.put_back(job)
        return True

    def _woke(self, job: Job) -> None:
        """It has rested: the next attempt."""
        group = self._groups[self.policies[job.endpoint].group]
        group.line.add(job)
        self._dispatch(group)

    def _expire(self, attempt: Attempt, limit_s: float) -> None:
        failure = Failure(JobTimedOut.code, f"The call ran longer than its limit of {limit_s:g} s.", shown=True)
        for job in attempt.jobs:
            self._finish(job, Outcome(State.FAILED, None, failure, limit_s))
        attempt.cancel()

    # Sink of the executor

    def output(self, job: Job, values: list[Any]) -> None:
        if not job.ending and job.running is not None:
            at_s = self._clock() - job.running.started_at
            job.log.add_output(values, at_s, bound=self.bounds.updates_bytes)

    def edits(self, job: Job, edits: Sequence[Sequence[Any]]) -> None:
        if not job.ending and job.running is not None:
            at_s = self._clock() - job.running.started_at
            job.log.add_edits([list(one) for one in edits], at_s, bound=self.bounds.updates_bytes)

    async def sending(self, attempt: Attempt) -> bool:
        if not attempt.sent:
            written: asyncio.Future[bool] = self._loop.create_future()

            def done(error: Exception | None) -> None:
                _log_error(error)
                if not written.done():
                    written.set_result(error is None)

            for job in attempt.jobs:
                job.replica = attempt.replica
                self._journal.start(job.id, job.attempt, self._clock(), job.replica, done)
            attempt.sent = await written
        return attempt.sent and not all(job.ending for job in attempt.jobs)

    def waits(self, attempt: Attempt, rank: int, eta_s: float | None) -> None:
        if attempt.begun:
            return
        attempt.rank = rank
        for job in attempt.jobs:
            if not job.ending:
                group = self._groups[self.policies[job.endpoint].group]
                eta = group.eta_s(rank) if eta_s is None else eta_s
                job.log.add(Queued(rank, len(group.line) + len(group.prefetched), eta))
                ranks.announce(group)
        if attempt.sent:
            self._loop.call_later(_WAITS_S, self._count_as_waiting, attempt)

    def _count_as_waiting(self, attempt: Attempt) -> None:
        """What waits elsewhere for long has not run if this process dies now: the next one sends it there again."""
        if attempt.sent and not attempt.begun:
            attempt.sent = False
            for job in attempt.jobs:
                if not job.ending:
                    self._journal.requeue(job.id, job.attempt - 1, job.replica, _log_error)

    def begun(self, attempt: Attempt) -> None:
        if attempt.begun:
            return
        attempt.begun = True
        group = self._groups[self.policies[attempt.endpoint].group]
        attempt.started_at = now = self._clock()
        if group.line and group.begun_at is not None:
            group.paces.add(now - group.begun_at)
        group.begun_at = now
        for job in attempt.jobs:
            group.prefetched.pop(job.id, None)
            if not job.ending:
                if not attempt.sent:
                    self._journal.start(job.id, job.attempt, now, job.replica, _log_error)
                job.move(State.RUNNING)
                job.started_at = now
        attempt.sent = True
        self._tell_started(group, attempt)
        group.running -= 1
        self._dispatch(group)
        ranks.announce(group)

    def progress(self, job: Job, units: tuple[dict[str, Any], ...]) -> None:
        if not job.ending:
            job.log.add(Progress(units))

    def log(self, job: Job, line: LogLine) -> None:
        if not job.ending:
            job.log.add(line, len(line.text) + 64, bound=self.bounds.updates_bytes)

    # Ending

    async def cancel(self, job: Job) -> bool:
        """End a job as cancelled; whether it is (False: it had ended otherwise). Returns when that is journalled.

        A running job's caller is answered at once; its slot frees when the work has truly stopped.
        """
        if not job.state.final and not job.ending:
            attempt = job.running
            if job.state is State.QUEUED and attempt is None:
                group = self._groups[self.policies[job.endpoint].group]
                if self._resting.remove(job):
                    self._left(group, job)
                else:
                    self._leave_line(group, job)
            ran = 0.0 if attempt is None or not attempt.begun else self._clock() - attempt.started_at
            self._finish(job, Outcome(State.CANCELLED, None, _CANCELLED, ran, None, (), job.log.values is not None))
            if attempt is not None and all(other.ending for other in attempt.jobs):
                attempt.cancel()
        await self.ended(job)
        return job.state is State.CANCELLED

    def _finish(self, job: Job, outcome: Outcome) -> None:
        """Decide a job's outcome, once; the first to come wins. It is told when the journal has it."""
        if job.ending or job.state.final:
            return
        job.ending = True
        now = self._clock()
        log = job.log
        keep = log.values is not None or any(isinstance(update, LogLine) for update in log.entries)
        record = Finished(
            job.id,
            outcome,
            now,
            now + self.bounds.outcome_ttl_s,
            job.attempt,
            job.started_at,
            log.seq + 1,
            [(s, u) for s, u in log.since(0) if isinstance(u, (Output, LogLine))] if keep else (),
            log.base,
            log.folded,
        )

        def done(error: Exception | None) -> None:
            if error is not None:
                logger.error("the outcome of job %s could not be journalled before the end: %s", job.id, error)
                return
            job.outcome = outcome
            job.finished_at = record.finished_at
            job.expires_at = record.expires_at
            job.call = None
            job.running = None
            job.move(outcome.state)
            self._jobs.pop(job.id, None)
            self._recent.add(job)
            log.add(Ended(outcome))
            self._observer.ended(job, outcome)

        self._journal.finish(record, done)

    # Start and stop

    def _recover(self, stored: Stored, waiting: dict[str, list[Job]]) -> None:
        """`waiting`: by group, those that go into its line."""
        job = job_from(stored)
        job.numbers_after = self._journal.epoch << 32
        self._jobs[job.id] = job
        failure = restore_call(job, stored.accepted.payload, self.policies, self._executor)
        if failure is not None:
            self._finish(job, Outcome(State.FAILED, None, failure))
            return
        if job.state is State.RUNNING:
            job.move(State.QUEUED)
            if not self._executor.survived(job):
                job.replica = ""
                self._journal.requeue(job.id, job.attempt, "", _log_error)
                self._waiting.add(job)
                self._resting.add(job, delay_s(job.attempt, self.bounds.retry_delay_s))
                return
        self._waiting.add(job)
        waiting.setdefault(self.policies[job.endpoint].group, []).append(job)

    def _start_purge(self) -> None:
        async def purge() -> None:
            await self._journal.purge(self._clock(), self.bounds.outcomes_bytes)
            self._purge_timer = self._loop.call_later(_PURGE_S, self._start_purge)

        task = self._loop.create_task(purge())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, timeout_s: float) -> None:
        """Take no new jobs and let running ones end, for at most `timeout_s`.

        What still waits stays in the journal for the next process. A journal that does not outlive this one lets
        waiting jobs run too; what is left at the deadline then ends `interrupted`.
        """
        self.draining = True
        self._idle.clear()
        if self._attempts:
            try:
                await asyncio.wait_for(self._idle.wait(), timeout_s)
            except asyncio.TimeoutError:
                logger.warning("%d calls still ran after %g s of draining", self._attempts, timeout_s)
        if not self._journal.persistent:
            for job in list(self._jobs.values()):
                if not job.ending:
                    self._finish(job, Outcome(State.FAILED, None, _STOPPED))

    async def close(self) -> None:
        """Stop everything and close the journal. Jobs that still run are left to the next start."""
        self.draining = True
        if self._purge_timer is not None:
            self._purge_timer.cancel()
        self._resting.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._journal.close()


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """No garbage collections of the interpreter meanwhile."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _log_error(error: Exception | None) -> None:
    if error is not None:
        logger.error("journal: %s", error)
