"""The jobs of a Space's queue at the hub's own address: those of the caller, or all for who may change the Space.

They are the jobs of the Space's own `gradio_api/jobs`, without what they returned.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.api.jobs import view
from spaceport.engine import Job, JobFilter, State
from spaceport.errors import Conflict, Forbidden, InvalidInput, NotFound
from spaceport.hub.api.request import identity_of, queues_of, space_of
from spaceport.hub.identity.access import may_change
from spaceport.hub.queues import SpaceQueue
from spaceport.wire.numbers import whole_number

_PAGE_MAX = 100
_PAGE = "50"


async def listing(request: Request) -> Response:
    """`GET …/jobs`: newest first; `before` is the `next` of the page before. None without a token.

    Raises `Forbidden`.
    """
    query, identity, space = request.query_params, identity_of(request), space_of(request)
    everybody = query.get("all") in ("1", "true")
    if everybody and not may_change(identity, space):
        raise Forbidden("Only those who may change the Space can list the jobs of all callers.")
    states, limit = _states(query.get("state")), _limit(query.get("limit", _PAGE))
    queue = None if identity.owner is None else await queues_of(request).get_known(space)
    if queue is None or identity.owner is None:
        return JSONResponse({"jobs": [], "next": None})
    wanted = JobFilter(
        None if everybody else identity.owner.name,
        None,
        everybody,
        states,
        query.get("endpoint"),
        before=query.get("before"),
        limit=limit,
    )
    found = await queue.engine.listing(wanted)
    following = found[-1].id if len(found) == limit else None
    return JSONResponse({"jobs": [_shown(queue, job) for job in found], "next": following})


async def cancel(request: Request) -> Response:
    """`DELETE …/jobs/{job_id}`. Raises `NotFound`, `Conflict` where the job has already ended."""
    queue, job = await _job(request)
    if not await queue.engine.cancel(job):
        raise Conflict(f"The job has already {job.state.value}.")
    return JSONResponse(_shown(queue, job))


async def retry(request: Request) -> Response:
    """`POST …/jobs/{job_id}/retry`: the call of a failed job again, as a new job. Raises `NotFound`, `Conflict`."""
    queue, job = await _job(request)
    return JSONResponse(_shown(queue, await queue.engine.resubmit(job)), 201)


async def _job(request: Request) -> tuple[SpaceQueue, Job]:
    """The caller's job that the path names, or anybody's for who may change the Space. Raises `NotFound`."""
    identity, space = identity_of(request), space_of(request)
    queue = await queues_of(request).get_known(space)
    job = None if queue is None else await queue.engine.find(request.path_params["job_id"])
    own = job is not None and identity.owner is not None and job.user == identity.owner.name
    if queue is None or job is None or not (own or may_change(identity, space)):
        raise NotFound("There is no such job, or it is not yours.")
    return queue, job


def _shown(queue: SpaceQueue, job: Job) -> dict[str, Any]:
    found = view(queue.engine, job, show_error=queue.context.options.show_error)
    return {
        "id": found.id,
        "endpoint": found.endpoint,
        "state": found.state,
        "user": job.user,
        "rank": found.rank,
        "attempt": found.attempt,
        "accepted_at": found.accepted_at,
        "started_at": found.started_at,
        "finished_at": found.finished_at,
        "error": found.error,
    }


def _states(text: str | None) -> tuple[State, ...]:
    try:
        return tuple(State(word) for word in (text or "").split(",") if word)
    except ValueError:
        known = ", ".join(state.value for state in State)
        raise InvalidInput(f"`state` is one or more of {known}, with commas between them.") from None


def _limit(text: str) -> int:
    limit = whole_number(text)
    if limit is None or not 0 < limit <= _PAGE_MAX:
        raise InvalidInput(f"`limit` must be a whole number from 1 to {_PAGE_MAX}.")
    return limit
