"""The routes `webhooks`: deliveries, their redelivery, and the secret that signs them."""

from __future__ import annotations

from typing import Any

from spaceport.api.exchange import HttpExchange
from spaceport.api.operations import check_operator
from spaceport.errors import InvalidInput, NotFound, Unauthenticated
from spaceport.wire.numbers import whole_number

_STATES = ("due", "delivered", "dead")
_PAGE = "50"
_PAGE_MAX = 100


def hook(request: HttpExchange, job_id: str) -> bool:
    """Register the webhook that a request asks for, for the job that it submits. Returns whether it asks for one."""
    url = request.header(b"spaceport-webhook")
    if not url:
        return False
    if request.context.webhooks is None:
        raise InvalidInput("Spaceport-Webhook is not taken here.")
    secret = request.context.webhooks.hook(job_id, request.user, url, request.header(b"spaceport-webhook-events"))
    request.extra.append((b"spaceport-webhook-secret", secret.encode()))
    return True


async def listing(request: HttpExchange) -> None:
    """`GET webhooks`: list a caller's deliveries, newest first; without a name, those of the `job` in the query.

    `state` chooses (`due`, `delivered`, `dead`), `limit` and `before` page; an operator's `all=true` shows everybody's.
    """
    everybody = request.query("all") in ("1", "true")
    job, state, limit = request.query("job"), request.query("state"), request.query("limit") or _PAGE
    if everybody:
        check_operator(request)
    elif request.user is None and job is None:
        raise InvalidInput("Name the job: ?job=…")
    if state not in (None, *_STATES):
        raise InvalidInput(f"state is one of {', '.join(_STATES)}.")
    count = whole_number(limit)
    if count is None or not 0 < count <= _PAGE_MAX:
        raise InvalidInput(f"limit is a whole number from 1 to {_PAGE_MAX}.")
    found = []
    if request.context.webhooks is not None:
        found = request.context.webhooks.listing(
            user=request.user,
            everybody=everybody,
            job=job,
            state=state,
            before=request.query("before"),
            limit=count,
        )
    more = found[-1].id if len(found) == count else None
    await request.json({"deliveries": [_view(one) for one in found], "next": more})


async def redeliver(request: HttpExchange) -> None:
    """`POST webhooks/{id}/redeliver`: deliver a message again, with all attempts."""
    delivery_id = request.params["delivery_id"]
    found = None if request.context.webhooks is None else request.context.webhooks.get(delivery_id)
    if (
        request.context.webhooks is None
        or found is None
        or (found.user != request.user and not request.context.auth.operates(request))
    ):
        raise NotFound("There is no such delivery.")
    request.context.webhooks.redeliver(delivery_id)
    await request.json(_view(request.context.webhooks.get(delivery_id)), 202)


async def secret(request: HttpExchange) -> None:
    """`GET webhooks/secret`: the key that signs all messages to the user who asks."""
    if request.user is None or request.context.webhooks is None:
        raise Unauthenticated("Users have a secret. Without a name, each call's answer has its own.")
    await request.json({"secret": request.context.webhooks.secret(request.user)})


def _view(one: Any) -> dict[str, Any]:
    names = ("id", "job", "url", "event", "state", "attempts", "created_at", "due_at", "status", "error")
    return {name: getattr(one, name) for name in names}
