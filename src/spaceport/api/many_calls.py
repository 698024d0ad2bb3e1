"""The route `calls`: several calls in one request, whose messages share one stream."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from spaceport.api import body
from spaceport.api.exchange import HttpExchange
from spaceport.api.problems import detail_of
from spaceport.api.streams import open_stream_slot, stream_jobs
from spaceport.api.submit import submit
from spaceport.engine import Job
from spaceport.errors import BusyError, InvalidInput, SpaceportError
from spaceport.wire.bodies import MAX_CALLS, CallsBody, OneCall
from spaceport.wire.documents import API_PREFIX
from spaceport.wire.json import encode

_REPLACED = (b"idempotency-key", b"spaceport-retries", b"x-request-id")
"""Headers that are different for each of the calls, or that the server sets."""
_decoder = msgspec.json.Decoder(CallsBody)


async def submit_all(request: HttpExchange) -> None:
    """`POST calls`: submit each of the calls, and answer with their ids in the same order.

    The answer has an error in place of the id of a call that was not accepted; the others are not affected. With
    `Accept: text/event-stream` the answer is the event `accepted`, and after it the messages of all the calls.
    """
    if b"spaceport-webhook" in request.headers:
        raise InvalidInput("Spaceport-Webhook is not taken here: send that call with POST call/{name}.")
    calls = _parse(await body.read(request))
    request.context.auth.count_calls(request, len(calls) - 1)
    request.extra.append((b"x-request-id", request.request_id.encode("latin-1")))
    if not request.accepts(b"text/event-stream"):
        await request.json([_entry(one) for one in await _submit(request, calls)])
        return
    with open_stream_slot(request):
        found = await _submit(request, calls)
        first = b"event: accepted\ndata: %s\n\n" % encode([_entry(one) for one in found])
        await stream_jobs(request, {one.id: one for one in found if isinstance(one, Job)}.values(), first)


def _parse(raw: bytes) -> list[OneCall]:
    try:
        calls = _decoder.decode(raw).calls
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(str(error)) from None
    if not 0 < len(calls) <= MAX_CALLS:
        raise InvalidInput(f"`calls` has {len(calls)} entries: 1 to {MAX_CALLS} are taken in one request.")
    return calls


async def _submit(request: HttpExchange, calls: list[OneCall]) -> list[Job | SpaceportError]:
    """Submit the calls side by side, so that they share the journal's commit."""
    return await asyncio.gather(*(_submit_one(request, one) for one in calls))


async def _submit_one(request: HttpExchange, call: OneCall) -> Job | SpaceportError:
    try:
        raw = bytes(call.body)
        endpoint = request.context.catalog.get_endpoint(call.name)
        submission = body.parse_call(raw)
        if submission.event_data is None and submission.session_hash == "":
            submission.session_hash = None
        return await submit(_request_of(request, call), endpoint, submission, raw)
    except SpaceportError as error:
        request.context.refused(error.code)
        return error


def _request_of(request: HttpExchange, call: OneCall) -> HttpExchange:
    """The request that `POST call/{name}` would have been for this call: functions see it, and keys are bound to it."""
    headers = [pair for pair in request.scope["headers"] if pair[0] not in _REPLACED]
    headers.append((b"x-request-id", request.request_id.encode("latin-1")))
    if call.idempotency_key is not None:
        if not call.idempotency_key.isascii() or not call.idempotency_key.isprintable():
            raise InvalidInput("An idempotency_key has printable ASCII characters only, as the header's value has.")
        headers.append((b"idempotency-key", call.idempotency_key.encode()))
    if call.retries is not None:
        headers.append((b"spaceport-retries", b"%d" % call.retries))
    scope = {**request.scope, "path": f"{API_PREFIX}/call/{call.name}", "headers": headers}
    one = HttpExchange(request.context, scope, request.receive, request.send)
    one.user = request.user
    return one


def _entry(found: Job | SpaceportError) -> dict[str, Any]:
    """What the answer says of one call."""
    if isinstance(found, Job):
        return {"event_id": found.id}
    entry: dict[str, Any] = {"status": found.status, "code": found.code, "detail": detail_of(found)}
    if isinstance(found, BusyError):
        entry["retry_after"] = found.retry_after_s
    return entry
