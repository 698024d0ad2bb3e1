"""Makes jobs of journal records, and decides whether the unfinished jobs of an earlier process can run again."""

from __future__ import annotations

from collections.abc import Container

from spaceport.engine.executor import Executor
from spaceport.engine.jobs import Job, OnDisconnect, caller_of
from spaceport.engine.journal import Stored
from spaceport.engine.outcome import Failure, State
from spaceport.engine.retries import died
from spaceport.engine.updates import Ended
from spaceport.errors import NotFound

_MODES = {mode.value: mode for mode in OnDisconnect}


def job_from(stored: Stored) -> Job:
    """A job with its log, finished or not."""
    record = stored.accepted
    job = Job(
        record.id,
        record.endpoint,
        None,
        user=record.user,
        session=record.session or record.id,
        own_session=record.own_session,
        priority=record.priority,
        retries=record.retries,
        on_disconnect=_MODES[record.on_disconnect],
        accepted_at=record.accepted_at,
        started_at=stored.started_at,
        state=stored.state,
        attempt=stored.attempt,
        durable=bool(record.payload),
        replica=stored.replica,
        request_id=record.request_id,
        caller=caller_of(record.user, record.session if record.own_session else None),
    )
    end = stored.finished
    if end is not None:
        job.outcome = end.outcome
        job.finished_at = end.finished_at
        job.expires_at = end.expires_at
        job.ending = True
        job.log.restore([*end.entries, (end.seq, Ended(end.outcome))], end.base, end.folded)
    return job


def restore_call(job: Job, payload: bytes, endpoints: Container[str], executor: Executor) -> Failure | None:
    """Give an unfinished job its call again so that it can wait; otherwise the failure that ends it."""
    ran = job.state is State.RUNNING
    if job.endpoint not in endpoints:
        return Failure(NotFound.code, f"The endpoint {job.endpoint} does not exist any more.", shown=True)
    survived = ran and bool(payload) and executor.survived(job)
    if survived:
        job.attempt -= 1  # the same attempt continues
    if not payload or (ran and not survived and job.attempt > job.retries):
        return died(job, "The server stopped while the call ran. Call again.")
    call = executor.restore(job.endpoint, payload, waited=not ran or survived)
    if isinstance(call, Failure):
        return call
    job.call = call
    return None
