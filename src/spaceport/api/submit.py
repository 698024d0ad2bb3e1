"""Submits a call, for every route that takes one."""

from __future__ import annotations

import hashlib
import re
import time

from spaceport.api import body, webhooks
from spaceport.api.catalog import Caller, Endpoint
from spaceport.api.exchange import HttpExchange
from spaceport.api.sessions import Session
from spaceport.engine import Job, JobRequest, OnDisconnect, new_id
from spaceport.errors import InvalidInput, NotFound
from spaceport.wire.numbers import whole_number

_RETRIES_MAX = 10
_KEY_MAX = 255
_RANDOM_KEY = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)
"""A UUID that says it is random (version 4): nobody else has the same. A digest of the input is no such key."""
_NAME_MAX = 255
_SPARE_NAMES = 100
"""More unknown arguments than this are not listed one by one."""


async def submit(request: HttpExchange, endpoint: Endpoint, submission: body.Submission, raw: bytes) -> Job:
    """Bind and accept a call, and queue its messages for the session. Raises only before the job exists."""
    session = None
    if submission.session_hash is not None:
        session = await session_of(request, submission.session_hash)
    call = bind(endpoint, submission, body.caller(request, submission))
    try:
        await endpoint.check(call)
        new = _job_request(request, endpoint, submission, raw, call)
        if b"spaceport-webhook" in request.headers:
            new.id = new_id(time.time())
            webhooks.hook(request, new.id)  # before there is anything to tell
    except BaseException:
        endpoint.release(call)
        raise
    job = await (request.context.engine.submit(new) if new.id is None else _submit_hooked(request, new))
    if session is not None:
        request.context.sessions.queue_for_delivery(session, job)
    request.context.sessions.schedule_abandon_check(job)
    return job


def _job_request(
    request: HttpExchange, endpoint: Endpoint, submission: body.Submission, raw: bytes, call: object
) -> JobRequest:
    return JobRequest(
        endpoint.name,
        call,
        _payload(endpoint, call),
        request.user,
        submission.session_hash,
        submission.session_hash is not None,
        priority=request.context.auth.priority(request),
        on_disconnect=_on_disconnect(request, endpoint),
        retries=_retries(request),
        idempotency=_idempotency(request, endpoint, submission, raw),
        address=request.client or None,
        answer=endpoint.known(call),
        request_id=request.request_id,
    )


def bind(endpoint: Endpoint, submission: body.Submission, caller: Caller) -> object:
    """Bind a call's arguments. Raises `InvalidInput`, with a bounded list of problems."""
    arguments = submission.arguments
    if isinstance(arguments, dict):
        names = {parameter.parameter_name for parameter in endpoint.info.parameters}
        unknown = next((name for name in arguments if name not in names and len(name) > _NAME_MAX), None)
        if unknown is None and len(arguments) > len(names) + _SPARE_NAMES:
            unknown = next(name for name in arguments if name not in names)
        if unknown is not None:
            raise InvalidInput(
                f"/{endpoint.name} has {len(names)} parameters; {len(arguments)} arguments were given, among them "
                f"{unknown[:100]!r}. Parameters: {', '.join(sorted(names)) or 'none'}."
            )
    return endpoint.bind(arguments, caller)


def _payload(endpoint: Endpoint, call: object) -> bytes | None:
    """The call as the journal keeps it. Raises `InvalidInput` for a number that no client could read back."""
    try:
        return endpoint.payload(call)
    except OverflowError:
        message = "A whole number has more than 64 bits: send it as a text, or as a number with a point."
        raise InvalidInput(
            message, [{"type": "int_parsing_size", "loc": ["body", "data"], "msg": message, "input": None}]
        ) from None


async def _submit_hooked(request: HttpExchange, new: JobRequest) -> Job:
    """Submit a job that has a webhook, and remove the webhook if the job is not accepted."""
    assert new.id is not None
    job = None
    try:
        job = await request.context.engine.submit(new)
    finally:
        if (job is None or job.id != new.id) and request.context.webhooks is not None:
            request.context.webhooks.unhook(new.id)  # it was refused, or is an older one's by its key
    return job


async def session_of(request: HttpExchange, session_hash: str) -> Session:
    """Open the session. Raises `NotFound` if it, or a journalled job in it, belongs to another user."""
    sessions = request.context.sessions
    if request.context.auth.names and sessions.get(session_hash) is None:
        first = await request.context.engine.session_user(session_hash)
        if first is not None and first[0] != request.user:
            raise NotFound("There is no such session.")
    return sessions.open(session_hash, request.user)


async def readable(request: HttpExchange, job_id: str) -> Job:
    """Find a job that this caller may read. Raises the same `NotFound` for a missing, an expired and another's job."""
    job = await request.context.engine.find(job_id)
    if job is None or job.user != request.user:
        raise NotFound("There is no such job, or its outcome has expired.")
    return job


def may_cancel(request: HttpExchange, job: Job, session_hash: str | None) -> bool:
    """Whether the caller owns the job: as its user; else by knowing its session; else by knowing its id."""
    if job.user is not None:
        return job.user == request.user
    return not job.own_session or job.session == session_hash


def _on_disconnect(request: HttpExchange, endpoint: Endpoint) -> OnDisconnect:
    """What the caller asks for, else the author; else a call of Gradio's page is cancelled, and others are kept."""
    asked = request.headers.get(b"spaceport-on-disconnect")
    if asked is not None:
        if asked not in (b"keep", b"cancel"):
            raise InvalidInput("Spaceport-On-Disconnect is `keep` or `cancel`.")
        return OnDisconnect(asked.decode())
    if endpoint.on_disconnect is not None:
        return OnDisconnect(endpoint.on_disconnect)
    return OnDisconnect.CANCEL if request.headers.get(b"x-gradio-user") == b"app" else OnDisconnect.KEEP


def _retries(request: HttpExchange) -> int | None:
    asked = request.headers.get(b"spaceport-retries")
    if asked is None:
        return None
    retries = whole_number(asked.decode("latin-1"))
    if retries is None or retries > _RETRIES_MAX:
        raise InvalidInput(f"Spaceport-Retries is a whole number from 0 to {_RETRIES_MAX}.")
    return retries


def _idempotency(
    request: HttpExchange, endpoint: Endpoint, submission: body.Submission, raw: bytes
) -> tuple[str, bytes] | None:
    """The key, within the scope of its caller and endpoint, and the digest of the body that it is bound to."""
    key = request.headers.get(b"idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= _KEY_MAX:
        raise InvalidInput(f"An Idempotency-Key has 1 to {_KEY_MAX} characters.")
    if sum(name == b"idempotency-key" for name, _ in request.scope["headers"]) > 1:
        raise InvalidInput("A call has one Idempotency-Key; this one has several.")
    scope = (request.user or "", _stranger(request, submission, key), endpoint.name)
    return "\0".join((*scope, key.decode("latin-1"))), hashlib.sha256(raw).digest()


def _stranger(request: HttpExchange, submission: body.Submission, key: bytes) -> str:
    """What tells one caller without a name from the next: its session, else its address.

    A random key belongs to one caller anyhow, who may come back from another address.
    """
    if request.user:
        return ""
    if submission.session_hash:
        return f"session:{submission.session_hash}"  # which may be any text, also one that looks like an address
    return "" if _RANDOM_KEY.fullmatch(key) else f"address:{request.client}"
