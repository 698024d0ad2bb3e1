"""The routes that submit a call or stream its events: `call`, `run`, `queue/join`, `queue/data`, `cancel`."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import msgspec

from spaceport.api import body, problems
from spaceport.api.catalog import Endpoint
from spaceport.api.events import GENERIC_ERROR, Events, direct_output, error_facts, error_payload
from spaceport.api.exchange import HttpExchange
from spaceport.api.jobs import timing
from spaceport.api.streams import (
    CALL_UNKNOWN,
    open_stream_slot,
    stream_heartbeat,
    stream_job,
    stream_session,
    wait_for_hang_up,
)
from spaceport.api.submit import bind, may_cancel, readable, session_of, submit
from spaceport.engine import Job, State
from spaceport.errors import FunctionFailed, InvalidInput, MissingField, NotFound, status_of
from spaceport.wire.bodies import CancelBody, ResetBody
from spaceport.wire.documents import API_PREFIX

_RICH = ("all", "edits", "messages")


async def call(request: HttpExchange) -> None:
    """`POST call/{name}`: submit a call. The caller chooses between its id, its event stream and its result."""
    raw = await body.read(request)
    endpoint = request.context.catalog.get_endpoint(request.params["name"])
    await _take(request, endpoint, body.parse_call(raw), raw)


async def check(request: HttpExchange) -> None:
    """`POST check/{name}`: answer 204 if a call with this body would be accepted. Nothing is called."""
    raw = await body.read(request)
    endpoint = request.context.catalog.get_endpoint(request.params["name"])
    submission = body.parse_call(raw)
    call = bind(endpoint, submission, body.caller(request, submission))
    try:
        await endpoint.check(call)
    finally:
        endpoint.release(call)
    await request.reply(204, b"")


async def call_named(request: HttpExchange) -> None:
    """`POST call/v2/{name}`: submit a call whose body is its arguments by name."""
    raw = await body.read(request)
    endpoint = request.context.catalog.get_endpoint(request.params["name"])
    arguments = body.parse_object(raw)
    token = arguments.get("oauth_token")
    names = {parameter.parameter_name for parameter in endpoint.info.parameters}
    if "oauth_token" in arguments and "oauth_token" not in names:
        del arguments["oauth_token"]
    submission = body.Submission(arguments, oauth_token=token if isinstance(token, str) else None)
    await _take(request, endpoint, submission, raw)


async def _take(request: HttpExchange, endpoint: Endpoint, submission: body.Submission, raw: bytes) -> None:
    wait_s = _wait_s(request)
    if submission.event_data is None and submission.session_hash == "":
        submission.session_hash = None
    request.extra.append((b"x-request-id", request.request_id.encode("latin-1")))
    if request.accepts(b"text/event-stream"):
        with open_stream_slot(request):
            job = await submit(request, endpoint, submission, raw)
            request.extra.append((b"x-spaceport-job", job.id.encode()))
            await stream_job(request, job, after=_after(request), events=_events(request, Events.ALL))
        return
    job = await submit(request, endpoint, submission, raw)
    if wait_s is None:
        await request.reply(200, b'{"event_id":"%s"}' % job.id.encode())
    else:
        await _answer_waiting(request, job, wait_s)


async def _answer_waiting(request: HttpExchange, job: Job, wait_s: float) -> None:
    """Answer with the result as JSON, or after `wait_s` with 202 and the job's address."""
    try:
        await asyncio.wait_for(request.context.engine.ended(job), wait_s)
    except asyncio.TimeoutError:
        location = f"{API_PREFIX}/jobs/{job.id}".encode()
        await request.json({"event_id": job.id, "state": job.state.value}, 202, [(b"location", location)])
        return
    assert job.outcome is not None
    request.extra.append(timing(job))
    if job.outcome.state is State.SUCCEEDED:
        await request.json({"event_id": job.id, "data": msgspec.Raw(job.outcome.data or b"[]")})
        return
    await _answer_failure(request, job)


async def _answer_failure(request: HttpExchange, job: Job) -> None:
    assert job.outcome is not None
    failure = job.outcome.failure
    payload = error_payload(failure, request.context.options.show_error)
    code = FunctionFailed.code if failure is None else failure.code
    text = payload.error or GENERIC_ERROR
    await problems.write(request, status_of(code), code, text, text, {"event_id": job.id, "error": payload.error}, [])


async def call_events(request: HttpExchange) -> None:
    """`GET call/{any name}/{id}`: stream a job's events from `Last-Event-ID` on, any number of times."""
    try:
        job = await readable(request, request.params["event_id"])
    except NotFound:
        if not request.accepts(b"text/event-stream"):
            raise
        await request.open_stream()
        await request.write(CALL_UNKNOWN, more=False)
        return
    after = _after(request)
    if job.state.final and after >= job.log.seq:
        await request.reply(204, b"")  # everything was read: an EventSource stops asking
        return
    with open_stream_slot(request):
        await stream_job(request, job, after=after, events=_events(request, Events.RESULTS))


async def join(request: HttpExchange) -> None:
    """`POST queue/join`: submit a call in a session; `queue/data` streams its messages."""
    raw = await body.read(request)
    submission = body.parse_join(raw)
    if not submission.session_hash:
        raise MissingField("Session hash not found.")
    if submission.fn_index is None:
        raise MissingField("No function index provided.")
    endpoint = request.context.catalog.get_endpoint_by_index(submission.fn_index)
    session = await session_of(request, submission.session_hash)
    session.joining += 1
    try:
        job = await submit(request, endpoint, submission, raw)
        await wait_for_hang_up(session)
        await request.reply(200, b'{"event_id":"%s"}' % job.id.encode())
    finally:
        session.joining -= 1
        for watcher in session.streams:
            watcher.notify()
        request.context.sessions.discard_if_idle(session)


async def session_events(request: HttpExchange) -> None:
    """`GET queue/data?session_hash=`: stream the messages of all jobs of a session."""
    session_hash = request.query("session_hash")
    if session_hash is None:
        message = "Field required"
        raise InvalidInput(
            message, [{"type": "missing", "loc": ["query", "session_hash"], "msg": message, "input": None}]
        )
    sessions = request.context.sessions
    sessions.check(session_hash, request.user)
    session = sessions.get(session_hash)
    if session is None or not (session.undelivered or session.joining):
        session = sessions.recently_drained(session_hash, request.user)
    with open_stream_slot(request):
        await stream_session(request, session)


async def run(request: HttpExchange) -> None:
    """`POST run/{name}` and `api/{name}`: answer with the result. The call waits in the queue like any other."""
    raw = await body.read(request)
    submission = body.parse_call(raw)
    catalog = request.context.catalog
    index = submission.fn_index
    endpoint = catalog.get_endpoint(request.params["name"]) if index is None else catalog.get_endpoint_by_index(index)
    if submission.batched:
        raise InvalidInput("`batched` is not taken: the queue makes the batches. Send one call's values.")
    job = await submit(request, endpoint, submission, raw)
    if submission.session_hash is not None:
        session = request.context.sessions.get(submission.session_hash)
        if session is not None:
            request.context.sessions.delivered(session, job.id)
            request.context.sessions.discard_if_idle(session)
    await request.context.engine.ended(job)
    assert job.outcome is not None
    request.extra.append(timing(job))
    if job.outcome.state is State.SUCCEEDED:
        await request.json(direct_output(job.outcome))
        return
    payload = msgspec.to_builtins(error_payload(job.outcome.failure, request.context.options.show_error))
    await request.json({**payload, **error_facts(job, job.outcome)}, 500)


async def cancel(request: HttpExchange) -> None:
    """`POST cancel`: cancel a job for its owner. The answer comes when it has ended."""
    asked = _decode(await body.read(request), CancelBody)
    job = await request.context.engine.find(asked.event_id)
    if job is None or not may_cancel(request, job, asked.session_hash):
        raise NotFound("There is no such job, or it is not yours to cancel.")
    cancelled = await request.context.engine.cancel(job)
    await request.json({"success": cancelled, "state": job.state.value})


async def reset(request: HttpExchange) -> None:
    """`POST reset`: do nothing. Gradio's clients send it after a cancel."""
    _decode(await body.read(request), ResetBody)
    await request.reply(200, b'{"success":true}')


async def heartbeat(request: HttpExchange) -> None:
    """`GET heartbeat/{session}`: keep the session, and its state, while this stream is open."""
    with open_stream_slot(request):
        await stream_heartbeat(request, await session_of(request, request.params["session_hash"]))


async def queue_status(request: HttpExchange) -> None:
    waiting = request.context.engine.waiting
    await request.json({"msg": "estimation", "event_id": None, "rank": None, "queue_size": waiting, "rank_eta": None})


def _decode(raw: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(str(error)) from None


def _events(request: HttpExchange, usual: Events) -> Events:
    """The kind of events that the query asks for."""
    asked = request.query("events")
    return Events(asked) if asked in _RICH else usual


def _after(request: HttpExchange) -> int:
    """The position to continue after, from `Last-Event-ID`; 0 without one."""
    given = request.headers.get(b"last-event-id", b"")
    return int(given) if given.isdigit() and len(given) < 19 else 0


def _wait_s(request: HttpExchange) -> float | None:
    """How long to wait for the result, from `Prefer: wait` or `wait=10` (RFC 7240); None: do not wait."""
    prefer = request.header(b"prefer")
    if not prefer:
        return None
    found = re.search(r"(?:^|[,;\s])wait(?:\s*=\s*\"?(\d{1,6})\"?)?(?=$|[,;\s])", prefer)
    if found is None:
        return None
    longest = request.context.options.wait_max_s
    return longest if found[1] is None else min(float(found[1]), longest)
