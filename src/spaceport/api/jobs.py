"""The routes `jobs`: callers and operators list, read, cancel and retry jobs."""

from __future__ import annotations

import msgspec

from spaceport.api import problems
from spaceport.api.events import GENERIC_ERROR, error_payload
from spaceport.api.exchange import HttpExchange
from spaceport.api.operations import check_operator
from spaceport.api.submit import may_cancel, readable
from spaceport.engine import Engine, Job, JobFilter, Progress, State
from spaceport.errors import Conflict, InvalidInput, NotFound
from spaceport.wire.documents import API_PREFIX, JobView
from spaceport.wire.numbers import whole_number

_PAGE_MAX = 100
_PAGE = "50"
_LISTED_BYTES = 256 << 10


async def listing(request: HttpExchange) -> None:
    """`GET jobs`: list the caller's jobs, newest first. A caller without a name lists those of the session it names.

    `state` (several with commas), `endpoint` and `since` (seconds since the epoch) choose among them, `limit` says how
    many; `before` is the `next` of the page before. An operator's `all=true` shows everybody's, and `user` one's.
    `data` is null for a result above `_LISTED_BYTES`, which `GET jobs/{id}` has.
    """
    everybody = request.query("all") in ("1", "true")
    user, session = request.user, request.query("session_hash")
    if everybody:
        check_operator(request)
        user = request.query("user")
    elif user is None and not session:
        await request.json({"jobs": [], "next": None})
        return
    wanted = JobFilter(
        user,
        session,
        everybody,
        _states(request.query("state")),
        request.query("endpoint"),
        _number(request.query("since") or "0", "since"),
        request.query("before"),
        _limit(request.query("limit") or _PAGE),
    )
    jobs = await request.context.engine.listing(wanted)
    more = jobs[-1].id if len(jobs) == wanted.limit else None
    await request.json({"jobs": [_listed(request, job) for job in jobs], "next": more})


def _listed(request: HttpExchange, job: Job) -> JobView:
    shown = _view(request, job)
    outcome = job.outcome
    if outcome is not None and (outcome.data is None or len(outcome.data) > _LISTED_BYTES):
        shown.data = None
    return shown


def _states(text: str | None) -> tuple[State, ...]:
    words = [word.strip() for word in text.split(",")] if text else []
    try:
        return tuple(State(word) for word in words)
    except ValueError:
        known = ", ".join(state.value for state in State)
        raise InvalidInput(f"state is one or more of {known}, with commas between them.") from None


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInput(f"{name} is a number: seconds since the epoch.") from None


def _limit(text: str) -> int:
    limit = whole_number(text)
    if limit is None or not 0 < limit <= _PAGE_MAX:
        raise InvalidInput(f"limit is a whole number from 1 to {_PAGE_MAX}.")
    return limit


async def show(request: HttpExchange) -> None:
    """`GET jobs/{id}`: show one job."""
    job = await _found(request)
    if job.outcome is not None:
        request.extra.append(timing(job))
    await request.json(_view(request, job))


async def cancel(request: HttpExchange) -> None:
    """`DELETE jobs/{id}`: cancel a job; 409 with its state if it has already ended."""
    job = await _found(request)
    if not request.context.auth.operates(request) and not may_cancel(request, job, request.query("session_hash")):
        raise NotFound("There is no such job, or it is not yours to cancel (name its session_hash).")
    cancelled = await request.context.engine.cancel(job)
    if cancelled:
        await request.json(_view(request, job))
        return
    text = f"The job has already {job.state.value}."
    await problems.write(request, Conflict.status, Conflict.code, text, text, {"state": job.state.value}, [])


async def retry(request: HttpExchange) -> None:
    """`POST jobs/{id}/retry`: submit the call of a failed job again, as a new job of the same caller."""
    job = await request.context.engine.resubmit(await _found(request))
    await request.json({"event_id": job.id}, 201, [(b"location", f"{API_PREFIX}/jobs/{job.id}".encode())])


async def _found(request: HttpExchange) -> Job:
    """Find the job in the path, for its caller or an operator. Raises `NotFound`."""
    job_id = request.params["job_id"]
    if request.context.auth.operates(request):
        job = await request.context.engine.find(job_id)
        if job is not None:
            return job
    return await readable(request, job_id)


def _view(request: HttpExchange, job: Job) -> JobView:
    return view(request.context.engine, job, show_error=request.context.options.show_error)


def view(engine: Engine, job: Job, *, show_error: bool) -> JobView:
    """A job as its caller may see it."""
    position = engine.position(job)
    progress = next((u for u in reversed(job.log.entries) if isinstance(u, Progress)), None)
    outcome = job.outcome
    view = JobView(
        job.id,
        job.endpoint,
        job.state.value,
        None if position is None else position.rank,
        None if position is None else position.size,
        None if position is None else position.eta_s,
        job.attempt,
        None if progress is None else list(progress.units),
        job.accepted_at,
        job.started_at,
        job.finished_at,
        job.expires_at,
        job.log.seq,
    )
    if job.user is not None:
        view.user = job.user
    if outcome is not None and outcome.state is State.SUCCEEDED:
        view.data = msgspec.Raw(outcome.data or b"[]")
    elif outcome is not None and outcome.failure is not None:
        payload = error_payload(outcome.failure, show_error)
        view.error = {"code": outcome.failure.code, "message": payload.error or GENERIC_ERROR}
    return view


def timing(job: Job) -> tuple[bytes, bytes]:
    """The header `Server-Timing` of an ended job: how many milliseconds it waited, and how many it ran."""
    assert job.outcome is not None
    waited = (job.started_at or job.finished_at or job.accepted_at) - job.accepted_at
    return b"server-timing", b"queue;dur=%.1f, run;dur=%.1f" % (waited * 1e3, job.outcome.duration_s * 1e3)
