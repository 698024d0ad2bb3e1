"""Accepts calls: checks the bounds and the idempotency key, journals the job, and starts or queues it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from spaceport.engine.attempt import Attempt
from spaceport.engine.bounds import Bounds, CallerCounter
from spaceport.engine.dispatcher import Dispatcher
from spaceport.engine.executor import Wait
from spaceport.engine.idempotency import PendingKeys, check_digest
from spaceport.engine.jobs import Job, OnDisconnect, caller_of, new_id
from spaceport.engine.journal import Accepted
from spaceport.engine.outcome import Failure, State
from spaceport.engine.outcomes import Outcomes
from spaceport.engine.registry import Endpoint, Registry
from spaceport.engine.results import CachedResult
from spaceport.errors import Conflict, QueueFull, SpaceUnavailable

_RETRY_AFTER_S = 5


@dataclass(slots=True)
class JobRequest:
    """What `submit` takes. `payload` is `call` encoded for the journal; None: the journal must not hold it."""

    endpoint: str
    call: object
    payload: bytes | None
    user: str | None = None
    session: str | None = None
    own_session: bool = False
    priority: int = 0
    retries: int | None = None
    on_disconnect: OnDisconnect = OnDisconnect.KEEP
    idempotency: tuple[str, bytes] | None = None
    """Scope-and-key, and the digest of the body it is bound to."""
    address: str | None = None
    """The client's address."""
    answer: CachedResult | None = None
    """The result, if it is cached: the job never waits and ends as soon as it is accepted."""
    request_id: str = ""
    id: str | None = None
    """From `new_id`, if the id has to be known before the job is accepted."""

    @property
    def caller(self) -> str:
        """Whom the job counts for."""
        return caller_of(self.user, self.session if self.own_session else None, self.address)


class Admission:
    """Accepts jobs. Loop thread only."""

    def __init__(self, registry: Registry, dispatcher: Dispatcher, outcomes: Outcomes) -> None:
        self._registry = registry
        self._jobs = registry.jobs
        self._waiting = registry.waiting
        self._clock = registry.clock
        self._dispatcher = dispatcher
        self._attempts = dispatcher.attempts
        self._outcomes = outcomes
        self._keys = PendingKeys()

    async def submit(self, request: JobRequest) -> Job:
        """See `Engine.submit`."""
        if request.idempotency is not None:
            known = await self._known(request, *request.idempotency)
            if known is not None:
                return known
        if self._registry.draining:
            self._registry.executor.release(request.call)
            raise SpaceUnavailable("The server is stopping and takes no new calls. Try again in a moment.", 5)
        endpoint = self._registry.endpoints[request.endpoint]
        job = self._job_of(request, endpoint)
        attempt = None
        if request.answer is None:
            attempt = self._start_at_once(endpoint, job)
            if attempt is None:
                self._wait(endpoint, job)
        self._jobs[job.id] = job
        started = attempt is not None and attempt.sent
        accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if request.idempotency is not None:
            self._keys.add(request.idempotency[0], job, request.idempotency[1], accepted)

        def done(error: Exception | None) -> None:
            if request.idempotency is not None:
                self._keys.remove(request.idempotency[0])
            start_first = attempt is not None and endpoint.strategy.starts_before_reply
            if start_first:
                self._proceed(request, endpoint, job, attempt, refused=error is not None)
            if not accepted.cancelled():
                if error is None:
                    accepted.set_result(None)
                else:
                    text = "The journal cannot be written; the call was not accepted."
                    accepted.set_exception(SpaceUnavailable(text, 5))
            if error is None:
                self._registry.observer.accepted(job)
            if not start_first:
                self._proceed(request, endpoint, job, attempt, refused=error is not None)

        self._registry.journal.accept(
            Accepted(
                job.id,
                job.endpoint,
                request.payload or b"",
                job.user,
                job.session,
                job.own_session,
                job.priority,
                job.retries,
                job.on_disconnect.value,
                job.accepted_at,
                started,
                job.replica if started else "",
                request.idempotency,
                request.request_id,
            ),
            done,
        )
        await accepted
        return job

    def _job_of(self, request: JobRequest, endpoint: Endpoint) -> Job:
        now = self._clock()
        job = Job(
            request.id or new_id(now),
            request.endpoint,
            request.call,
            user=request.user,
            session=request.session,
            own_session=request.own_session,
            priority=request.priority,
            retries=endpoint.policy.retries if request.retries is None else request.retries,
            on_disconnect=request.on_disconnect,
            accepted_at=now,
            durable=request.payload is not None,
            caller=request.caller,
            request_id=request.request_id,
        )
        job.session = job.session or job.id
        return job

    def _start_at_once(self, endpoint: Endpoint, job: Job) -> Attempt[Job] | None:
        """An attempt of a job that need not queue; it begins when the journal has accepted the job."""
        group = endpoint.group
        if not group.has_room or group.queue or group.joining:
            return None
        placement = self._dispatcher.place(endpoint, job)
        if isinstance(placement, Wait):
            return None
        group.queue.record_start(job)
        return self._attempts.take(endpoint, [job], placement, accepting=True)

    def _wait(self, endpoint: Endpoint, job: Job) -> None:
        """Count a new job as waiting; it joins the queue when it is journalled. Raises `QueueFull`."""
        try:
            check_capacity(self._waiting, self._registry.bounds, job.caller)
        except QueueFull:
            self._registry.release_call(job)
            raise
        self._waiting.add(job)
        endpoint.group.joining += 1

    def _proceed(
        self, request: JobRequest, endpoint: Endpoint, job: Job, attempt: Attempt[Job] | None, *, refused: bool
    ) -> None:
        """A job runs or joins its queue only now, so that none runs which the journal does not have."""
        if refused:
            self._jobs.pop(job.id, None)
            self._registry.release_call(job)
        if attempt is not None:
            if refused:
                self._attempts.release(endpoint, attempt)
            else:
                self._attempts.run(endpoint, attempt)
        elif request.answer is not None:
            if not refused:
                self._outcomes.finish_cached(job, request.answer, endpoint.run_times.mean_s)
        else:
            self._join(endpoint, job, refused=refused)

    def _join(self, endpoint: Endpoint, job: Job, *, refused: bool) -> None:
        endpoint.group.joining -= 1
        if refused or job.ending:
            self._waiting.remove(job)
        else:
            endpoint.group.queue.add(job)
        self._dispatcher.dispatch(endpoint.group)

    async def _known(self, request: JobRequest, key: str, digest: bytes) -> Job | None:
        """The job that a request's key stands for. Raises `Conflict` for another body, and what that job's submission
        raised; unless there is no job, the request's own call is released."""
        release = True
        try:
            job = await self._job_of_key(key, digest)
            release = job is not None
            return job
        finally:
            if release:
                self._registry.executor.release(request.call)

    async def _job_of_key(self, key: str, digest: bytes) -> Job | None:
        job = await self._keys.get(key, digest)
        if job is None:
            stored = await self._registry.journal.idempotent(key)
            if stored is not None:
                check_digest(stored[1], digest)
                return await self._outcomes.find(stored[0])
            job = await self._keys.get(key, digest)  # it may have been added while the journal was read
        return job

    async def resubmit(self, failed: Job) -> Job:
        """See `Engine.resubmit`."""
        stored = await self._registry.journal.read(failed.id)
        if stored is None or stored.state is not State.FAILED:
            raise Conflict(f"Only a failed job can be called again; this one is {failed.state.value}.")
        was = stored.accepted
        if not was.payload or was.endpoint not in self._registry.endpoints:
            raise Conflict("The job's arguments are not kept, or its endpoint is gone. Make a new call.")
        call = self._registry.executor.restore(was.endpoint, was.payload, waited=True)
        if isinstance(call, Failure):
            raise Conflict(call.message or "The call cannot be made again.")
        mode = OnDisconnect(was.on_disconnect)
        return await self.submit(
            JobRequest(
                was.endpoint, call, was.payload, was.user, was.session, was.own_session, was.priority, was.retries, mode
            )
        )


def check_capacity(waiting: CallerCounter, bounds: Bounds, caller: str) -> None:
    """Raise `QueueFull` if no further job of this caller may wait."""
    if waiting.count >= bounds.waiting:
        raise QueueFull(f"Queue is full. Max size is {bounds.waiting} and size is {waiting.count}.", _RETRY_AFTER_S)
    if caller and waiting.of(caller) >= bounds.waiting_per_caller:
        limit = bounds.waiting_per_caller
        raise QueueFull(f"You already have {limit} queued calls, the limit per caller.", _RETRY_AFTER_S)
