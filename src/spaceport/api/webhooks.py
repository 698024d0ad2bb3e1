"""Routes of webhooks, and what the surface asks of whoever sends them."""

from __future__ import annotations

from typing import Any, Protocol

from spaceport.api.exchange import HttpExchange
from spaceport.api.operations import check_operator
from spaceport.errors import InvalidInput, NotFound, Unauthenticated

_STATES = ("due", "delivered", "dead")
_PAGE = "50"
_PAGE_MAX = 100


class Sender(Protocol):
    """`webhooks.Webhooks`."""

    def hook(self, job_id: str, user: str | None, url: str, events: str) -> str: ...
    def unhook(self, job_id: str) -> None: ...
    def secret(self, user: str) -> str: ...
    def listing(
        self, *, user: str | None, everybody: bool, job: str | None, state: str | None, before: str | None, limit: int
    ) -> list[Any]: ...
    def get(self, delivery_id: str) -> Any: ...
    def again(self, delivery_id: str) -> None: ...


def hook(x: HttpExchange, job_id: str) -> bool:
    """Note what a request says of webhooks for the job that it submits; whether it does."""
    url = x.header(b"spaceport-webhook")
    if not url:
        return False
    if x.surface.webhooks is None:
        raise InvalidInput("Spaceport-Webhook is not taken here.")
    secret = x.surface.webhooks.hook(job_id, x.user, url, x.header(b"spaceport-webhook-events"))
    x.extra.append((b"spaceport-webhook-secret", secret.encode()))
    return True


async def listing(x: HttpExchange) -> None:
    """`GET webhooks`: a caller's deliveries, newest first; an anonymous caller's are those of the `job` it names.

    `state` chooses (`due`, `delivered`, `dead`), `limit` and `before` page; an operator's `all=true` shows everybody's.
    """
    everybody = x.query("all") in ("1", "true")
    job, state, limit = x.query("job"), x.query("state"), x.query("limit") or _PAGE
    if everybody:
        check_operator(x)
    elif x.user is None and job is None:
        raise InvalidInput("Name the job: ?job=…")
    if state not in (None, *_STATES):
        raise InvalidInput(f"state is one of {', '.join(_STATES)}.")
    if not limit.isdigit() or not 0 < int(limit) <= _PAGE_MAX:
        raise InvalidInput(f"limit is a whole number from 1 to {_PAGE_MAX}.")
    found = []
    if x.surface.webhooks is not None:
        found = x.surface.webhooks.listing(
            user=x.user, everybody=everybody, job=job, state=state, before=x.query("before"), limit=int(limit)
        )
    more = found[-1].id if len(found) == int(limit) else None
    await x.json({"deliveries": [_view(one) for one in found], "next": more})


async def again(x: HttpExchange) -> None:
    """`POST webhooks/{id}/redeliver`: send it once more, from its first attempt on."""
    delivery_id = x.params["delivery_id"]
    found = None if x.surface.webhooks is None else x.surface.webhooks.get(delivery_id)
    if x.surface.webhooks is None or found is None or (found.user != x.user and not x.surface.auth.operates(x)):
        raise NotFound("There is no such delivery.")
    x.surface.webhooks.again(delivery_id)
    await x.json(_view(x.surface.webhooks.get(delivery_id)), 202)


async def secret(x: HttpExchange) -> None:
    """`GET webhooks/secret`: what signs all messages to the user who asks."""
    if x.user is None or x.surface.webhooks is None:
        raise Unauthenticated("Users have a secret. Without a name, each call's answer has its own.")
    await x.json({"secret": x.surface.webhooks.secret(x.user)})


def _view(one: Any) -> dict[str, Any]:
    names = ("id", "job", "url", "event", "state", "attempts", "created_at", "due_at", "status", "error")
    return {name: getattr(one, name) for name in names}
