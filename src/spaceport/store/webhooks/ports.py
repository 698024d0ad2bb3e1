"""The seam to stored webhooks: which jobs have one, and which deliveries are due.

Contract, for every implementation (tests/contract/test_webhook_store.py):
- Each call is one transaction, durable when it returns; what writes raises `OSError` if it cannot.
- A delivery stays until `purge`; one that is due is never purged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of one job. `events` are the ones that its caller asked for."""

    job: str
    user: str | None
    url: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook. `state` is "due", "delivered" or "dead"; `status` and `error` are of the last attempt.

    Times are in seconds since the epoch.
    """

    id: str
    job: str
    user: str | None
    url: str
    event: str
    body: bytes
    state: str
    attempts: int
    created_at: float
    due_at: float
    status: int | None
    error: str | None


class WebhookStore(Protocol):
    def add_hook(self, hook: Hook) -> None: ...

    def remove_hook(self, job: str) -> None: ...

    def hooks(self) -> list[Hook]:
        """The webhooks of jobs that have not ended."""
        ...

    def add_delivery(self, hook: Hook, event: str, body: bytes, now: float, *, last: bool) -> None:
        """Add a delivery that is due now. `last`: also remove the webhook, whose job has ended."""
        ...

    def due(self, now: float, sending: Collection[str], busy: Collection[str], limit: int) -> list[Delivery]:
        """The oldest deliveries that are due, without those `sending` and those to a host in `busy`."""
        ...

    def next_due(self) -> float | None:
        """When the next delivery is due; None if there is none."""
        ...

    def record_attempt(
        self, delivery: Delivery, state: str, due_at: float, status: int | None, error: str | None
    ) -> None: ...

    def redeliver(self, delivery_id: str, now: float) -> None:
        """Make a delivery due again, as if it had not been tried."""
        ...

    def get(self, delivery_id: str) -> Delivery | None: ...

    def listing(
        self, *, user: str | None, everybody: bool, job: str | None, state: str | None, before: str | None, limit: int
    ) -> list[Delivery]:
        """Deliveries of a user, or of jobs without a user; with `everybody`, of all. The newest first."""
        ...

    def counts(self) -> tuple[int, int]:
        """How many webhooks wait for their job's events, and how many deliveries are due."""
        ...

    def purge(self, before: float) -> None:
        """Delete the deliveries that are not due and were created before this time."""
        ...

    def close(self) -> None: ...
