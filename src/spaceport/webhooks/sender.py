"""Sends webhooks about jobs until the receiver accepts them, or the last attempt fails.

A webhook is stored before its job is accepted, and a delivery before it is sent: after a kill none is lost, but one may
be sent twice. The receiver recognizes a repeated message by its `webhook-id`.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.http import origin
from spaceport.client.network import Settings
from spaceport.client.transport.addresses import is_public
from spaceport.client.transport.base import Timeouts
from spaceport.client.transport.http1 import Http1
from spaceport.engine import Engine, Gauge, Job, JobObserver, Outcome
from spaceport.errors import Conflict, InvalidInput, NotFound, QueueFull, SpaceUnavailable
from spaceport.store.webhooks.ports import Delivery, Hook, WebhookStore
from spaceport.store.webhooks.sqlite import SqliteWebhookStore
from spaceport.webhooks.signature import secret_of, signed
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.webhooks")

EVENTS = ("job.started", "job.succeeded", "job.failed", "job.cancelled")
_ENDS = EVENTS[1:]
_DELAYS = (1, 6, 24, 120, 720, 2880, 8640)
"""Delays after failed attempts, in units of the first delay; a delivery that fails once more is given up."""
_TIMEOUTS = Timeouts(10.0, 15.0)
_ATTEMPT_S = 20.0
"""The time limit of one attempt as a whole."""
_MAX_SENDING = 64
_MAX_SENDING_PER_HOST = 4
_MAX_HOOKS = 100_000
_GONE = 410
_STORE_RETRY_S = 1.0
"""The wait before a delivery is stored that the disk did not take."""
_PURGE_INTERVAL_S = 60.0
_VISIBLE = re.compile(r"[!-~]+")
_MAX_URL = 2000


@dataclass(frozen=True, slots=True)
class WebhookLimits:
    """`keep_s`: how long a delivery can be listed. `delay_s`: the delay before its first retry. Both are in seconds.

    `private` allows receivers on this machine and its network.
    """

    keep_s: float
    delay_s: float
    private: bool


class Webhooks(JobObserver):
    """`start` it in the running loop when the engine has started; `close` it before the engine.

    `view` renders a job as its caller may see it.
    """

    def __init__(
        self, folder: Path, key: Callable[[], bytes], view: Callable[[Job], object], limits: WebhookLimits
    ) -> None:
        self._path = folder / "webhooks.db"
        self._key = key
        self._view = view
        self._keep_s = limits.keep_s
        self._delay_s = limits.delay_s
        self._private = limits.private
        self._store: WebhookStore | None = None
        self._hooks: dict[str, Hook] = {}
        self._due = 0
        self._http = Http1(Settings().tls, self._may_connect)
        self._wake = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._hosts: Counter[str] = Counter()
        self._closed = False
        self.results: Counter[str] = Counter()

    @property
    def quiet(self) -> bool:
        """Set while no delivery is due and no job has a webhook."""
        return not self._hooks and not self._due

    async def start(self, engine: Engine) -> None:
        """Resume the deliveries that an earlier process left."""
        if not self._path.exists():
            return
        self._open()
        for hook in self._opened.hooks():
            job = await engine.find(hook.job)
            if job is None:
                self._opened.remove_hook(hook.job)
                continue
            self._hooks[hook.job] = hook
            if job.outcome is not None:
                self.ended(job, job.outcome)
        self._due = self._opened.counts()[1]

    def _open(self) -> None:
        self._store = SqliteWebhookStore(self._path)
        self._pump = asyncio.get_running_loop().create_task(self._run())

    @property
    def _opened(self) -> WebhookStore:
        if self._store is None:
            self._open()
        assert self._store is not None
        return self._store

    # Registering

    def hook(self, job_id: str, user: str | None, url: str, events: str) -> str:
        """Register a webhook before its job is accepted. Returns the secret that signs its messages.

        Raises `InvalidInput` for a malformed URL or an unknown event, and `QueueFull`.
        """
        names = tuple(name.strip() for name in events.split(",")) if events else _ENDS
        for name in names:
            if name not in EVENTS:
                raise InvalidInput(
                    f"Spaceport-Webhook-Events has an unknown event: {name!r}. The events are {', '.join(EVENTS)}."
                )
        self._check(url)
        if len(self._hooks) + self._due >= _MAX_HOOKS:
            raise QueueFull(
                "Too many webhook messages are waiting to be sent. Call without a webhook, and ask for the job.", 60
            )
        hook = Hook(job_id, user, url, names)
        try:
            self._opened.add_hook(hook)
        except OSError:
            raise SpaceUnavailable(
                "The webhook could not be stored, so the call was not accepted. Try again.", 5
            ) from None
        self._hooks[job_id] = hook
        return self._secret(hook.user, hook.job)

    def unhook(self, job_id: str) -> None:
        """Remove the webhook of a job that was not accepted."""
        if self._hooks.pop(job_id, None) is not None:
            self._opened.remove_hook(job_id)

    def secret(self, user: str) -> str:
        """The secret that signs all messages to a user."""
        return self._secret(user, "")

    def _secret(self, user: str | None, job_id: str) -> str:
        return secret_of(self._key(), f"job:{job_id}" if user is None else f"user:{user}")

    def _check(self, url: str) -> None:
        wrong = f"Spaceport-Webhook must be an http(s) URL without a user name, of at most {_MAX_URL} ASCII characters."
        try:
            host = origin(url).host
            parts = urlsplit(url)
        except ConnectionFailed:
            raise InvalidInput(wrong) from None
        if not host or parts.username is not None or len(url) > _MAX_URL or not _VISIBLE.fullmatch(url):
            raise InvalidInput(wrong)
        try:
            public = is_public(host)
        except ValueError:
            return  # a name: its addresses are checked before each connection
        if not public and not self._private:
            raise InvalidInput("Spaceport-Webhook must be an address on the public internet.")

    # Deliveries

    def listing(
        self, *, user: str | None, everybody: bool, job: str | None, state: str | None, before: str | None, limit: int
    ) -> list[Delivery]:
        if self._store is None:
            return []
        return self._store.listing(user=user, everybody=everybody, job=job, state=state, before=before, limit=limit)

    def get(self, delivery_id: str) -> Delivery | None:
        return None if self._store is None else self._store.get(delivery_id)

    def redeliver(self, delivery_id: str) -> None:
        """Deliver a message again, with all attempts. Raises `NotFound`, and `Conflict` while attempts go on."""
        found = self.get(delivery_id)
        if found is None:
            raise NotFound("There is no such delivery.")
        if found.state == "due":
            raise Conflict("This delivery has not ended: its attempts go on.")
        self._opened.redeliver(delivery_id, time.time())
        self._due += 1
        self._wake.set()

    def gauges(self) -> list[Gauge]:
        return [
            Gauge("webhooks_due", "Webhook messages that are waiting to be delivered.", lambda: self._due),
            *(
                Gauge(f"webhooks_{name}", text, lambda name=name: self.results[name], counter=True)  # type: ignore[misc]
                for name, text in (
                    ("delivered", "Webhook messages that their receivers accepted."),
                    ("failed", "Failed attempts to deliver a webhook message."),
                    ("dead", "Webhook messages that were given up after their last attempt."),
                )
            ),
        ]

    # Events of jobs

    def started(self, job: Job) -> None:
        if job.id in self._hooks and job.attempt == 1:
            self._tell(job, "job.started", last=False)

    def ended(self, job: Job, outcome: Outcome) -> None:
        if job.id in self._hooks:
            self._tell(job, f"job.{outcome.state.value}", last=True)

    def _tell(self, job: Job, event: str, *, last: bool) -> None:
        hook = self._hooks.get(job.id)
        if hook is None:
            return
        try:
            self._note(hook, job, event, last=last)
        except OSError as error:
            logger.warning("%s; the message %s of job %s is stored later", error, event, job.id)
            if not self._closed:
                asyncio.get_running_loop().call_later(
                    _STORE_RETRY_S, functools.partial(self._tell, job, event, last=last)
                )
            return
        if last:
            del self._hooks[job.id]

    def _note(self, hook: Hook, job: Job, event: str, *, last: bool) -> None:
        if event not in hook.events:
            if last:
                self._opened.remove_hook(job.id)
            return
        now = time.time()
        at = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        body = encode({"type": event, "timestamp": at, "data": self._view(job)})
        self._opened.add_delivery(hook, event, body, now, last=last)
        self._due += 1
        self._wake.set()

    # Sending

    async def _run(self) -> None:
        """Start the deliveries that are due; sleep until the next one is."""
        store = self._opened
        purge_at = 0.0
        while True:
            self._wake.clear()
            now = time.time()
            busy = [host for host, count in self._hosts.items() if count >= _MAX_SENDING_PER_HOST]
            for delivery in store.due(now, self._sending, busy, _MAX_SENDING - len(self._sending)):
                host = urlsplit(delivery.url).netloc
                if self._hosts[host] >= _MAX_SENDING_PER_HOST:
                    continue
                self._hosts[host] += 1
                self._sending[delivery.id] = asyncio.get_running_loop().create_task(self._send(delivery, host))
            if now >= purge_at:
                store.purge(now - self._keep_s)
                purge_at = now + _PURGE_INTERVAL_S
            due_at = store.next_due()
            rest = (
                None if due_at is None or due_at <= now else due_at - now
            )  # due, but its host is busy: the end of another delivery wakes this loop
            try:
                await asyncio.wait_for(self._wake.wait(), rest)
            except asyncio.TimeoutError:
                continue

    async def _send(self, delivery: Delivery, host: str) -> None:
        try:
            status, error = await self._post(delivery)
            self._tried(delivery, status, error)
        finally:
            del self._sending[delivery.id]
            self._hosts[host] -= 1
            if not self._hosts[host]:
                del self._hosts[host]
            self._wake.set()

    def _tried(self, delivery: Delivery, status: int | None, error: str | None) -> None:
        now = time.time()
        if status is not None and 200 <= status < 300:
            self._opened.record_attempt(delivery, "delivered", now, status, None)
            self.results["delivered"] += 1
            self._due -= 1
            return
        self.results["failed"] += 1
        if status == _GONE or delivery.attempts >= len(_DELAYS):
            self._opened.record_attempt(delivery, "dead", now, status, error)
            self.results["dead"] += 1
            self._due -= 1
            logger.warning("webhook %s of job %s was given up: %s", delivery.id, delivery.job, error or status)
            return
        delay = _DELAYS[delivery.attempts] * self._delay_s * random.uniform(0.8, 1.2)  # noqa: S311  no secret
        self._opened.record_attempt(delivery, "due", now + delay, status, error)

    async def _post(self, delivery: Delivery) -> tuple[int | None, str | None]:
        """POST a message; returns the status and what went wrong. Redirects are not followed, bodies are not read."""
        parts = urlsplit(delivery.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        server = origin(delivery.url)
        own = signed(self._secret(delivery.user, delivery.job), delivery.id, int(time.time()), delivery.body)
        fields = {
            "host": str(server),
            "content-type": "application/json",
            "content-length": str(len(delivery.body)),
            "user-agent": "spaceport-webhooks",
            **own,
        }
        headers = [(name.encode(), value.encode()) for name, value in fields.items()]
        try:
            sent = self._http.send("POST", server, target, headers, delivery.body, _TIMEOUTS)
            answer = await asyncio.wait_for(sent, _ATTEMPT_S)
        except (ConnectionFailed, RequestTimeout) as error:
            return None, str(error)
        except asyncio.TimeoutError:
            return None, f"There was no response within {_ATTEMPT_S:g} s."
        await answer.close()
        taken = 200 <= answer.status < 300
        return answer.status, None if taken else f"It answered {answer.status}."

    def _may_connect(self, address: str) -> bool:
        return self._private or is_public(address)

    async def close(self) -> None:
        """Stop sending. Deliveries that no receiver has accepted yet stay stored."""
        self._closed = True
        tasks = [task for task in (self._pump, *self._sending.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close()
        if self._store is not None:
            self._store.close()
