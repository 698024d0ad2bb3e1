"""The lanes of all Spaces: opened when somebody calls, or when a killed hub left jobs, closed when nothing is on."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import ssl
import time
from pathlib import Path

import aiohttp

from spaceport.client.transport.http1 import Http1
from spaceport.errors import SpaceportError
from spaceport.hub.identity.payer import PayerTokens
from spaceport.hub.queues.description import Documents, Kind, fetch, keep, kept, kept_kind, newest
from spaceport.hub.queues.queue import Hosting, SpaceQueue
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.observe import Metrics
from spaceport.settings import Settings
from spaceport.store import has_due, has_unfinished, secret_file
from spaceport.store.hub.sqlite import SpaceRow

logger = logging.getLogger("spaceport.hub")

_SWEEP_S = 60.0
_IDLE_S = 300.0


class SpaceQueues:
    """`begin` in the running loop, `end` before it stops."""

    def __init__(self, spaces: Spaces, data: Path, settings: Settings, fleet: Fleet, visitors: PayerTokens) -> None:
        self.http: aiohttp.ClientSession
        """To replicas, for what is passed on."""
        self.metrics = Metrics()
        self._calls = Http1(ssl.create_default_context)
        self._spaces = spaces
        self._data = data
        self._settings = settings
        self._fleet = fleet
        self._visitors = visitors
        self._queues: dict[int, SpaceQueue] = {}
        self._opening: dict[int, asyncio.Task[SpaceQueue]] = {}
        self._closing: dict[int, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._documents: dict[int, Documents] = {}
        fleet.arrived = self._arrived
        fleet.moved = self._moved

    def begin(self) -> None:
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._tasks = [asyncio.create_task(self._recover()), asyncio.create_task(self._sweep())]

    async def end(self) -> None:
        """Let running jobs end for a while; what waits is left to the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._opening.values(), *self._closing.values(), return_exceptions=True)
        await asyncio.gather(*(queue.close(self._settings.drain_s) for queue in self._queues.values()))
        await self._calls.close()
        await self.http.close()

    def ready(self, space: SpaceRow, *, reads: bool) -> SpaceQueue | None:
        """What `of` would say, where that is known; None: ask it."""
        queue = self._queues.get(space.id)
        current = queue is not None and (reads or queue.documents.commit == self._fleet.serving(space))
        return queue if queue is not None and current and queue.durable else None

    async def of(self, space: SpaceRow, *, reads: bool) -> SpaceQueue | None:
        """The lane of a Space, once its newest revision has said what it is; None: its calls are passed on.

        Wakes a revision that never ran, unless the caller only `reads` what was accepted before. Raises
        `SpaceUnavailable` for one that cannot run.
        """
        queue = self._queues.get(space.id)
        head = self._fleet.serving(space)
        if queue is not None and (reads or queue.documents.commit == head):
            return queue if queue.durable else None
        documents = self._documents.get(space.id)
        if documents is None or documents.commit != head:
            documents = await asyncio.to_thread(kept, self._layout(space).documents, head)
        if documents is None and reads:
            documents = await asyncio.to_thread(newest, self._layout(space).documents)
        if documents is None:
            place = await self._fleet.place(space)
            if space.id not in self._documents or self._documents[space.id].commit != place.commit:
                await self._arrived(space, place)  # it was taken over, and nothing was kept of it
            documents = self._documents[space.id]
        if documents.commit == head:
            self._documents[space.id] = documents
        queue = await self._open(space, documents)
        return queue if queue.durable else None

    def queues(self, space: SpaceRow) -> bool:
        """Whether the Space takes calls as it is, awake or not."""
        kind = kept_kind(self._layout(space).documents, self._fleet.serving(space))
        return kind is not None and kind is not Kind.PROXIED

    async def remove(self, space: SpaceRow) -> None:
        """The Space is going to be deleted."""
        queue = self._queues.pop(space.id, None)
        self._documents.pop(space.id, None)
        if queue is not None:
            await queue.close(0)

    async def _open(self, space: SpaceRow, documents: Documents) -> SpaceQueue:
        queue = self._queues.get(space.id)
        if queue is not None:
            if queue.documents.commit != documents.commit or queue.documents.epoch != documents.epoch:
                queue.learn(documents, self._retries(space))
            return queue
        opening = self._opening.get(space.id)
        if opening is None:
            opening = self._opening[space.id] = asyncio.create_task(self._opened(space, documents))
            opening.add_done_callback(lambda _: self._opening.pop(space.id, None))
        return await asyncio.shield(opening)

    async def _opened(self, space: SpaceRow, documents: Documents) -> SpaceQueue:
        if space.id in self._closing:
            await asyncio.wait([self._closing[space.id]])
        hosting = Hosting(self._settings, self._fleet, self._calls, self._visitors, self.metrics, self._webhook_key)
        queue = SpaceQueue(space, self._layout(space), hosting, documents, self._retries(space))
        await queue.start()
        self._queues[space.id] = queue
        return queue

    async def _arrived(self, space: SpaceRow, place: ReplicaRecord) -> None:
        """A replica listens: hear what it says before anybody else does."""
        documents = await fetch(self.http, place.port, place.commit, place.epoch)
        self._documents[space.id] = documents
        await asyncio.to_thread(keep, self._layout(space).documents, documents)
        queue = self._queues.get(space.id)
        if queue is not None:
            queue.learn(documents, self._retries(space))

    def _moved(self, space: SpaceRow) -> None:
        queue = self._queues.get(space.id)
        if queue is not None:
            queue.moved()

    async def _recover(self) -> None:
        """Open the lanes of Spaces whose journals have jobs without an outcome; start revisions that never ran."""
        for space in await asyncio.to_thread(self._spaces.all):
            layout = self._layout(space)
            try:
                unfinished = await asyncio.to_thread(has_unfinished, layout.journal)
                if unfinished or await asyncio.to_thread(has_due, layout.folder / "webhooks.db"):
                    documents = await asyncio.to_thread(newest, layout.documents)
                    if documents is not None:
                        await self._open(space, documents)
                if not self._fleet.knows(space) and await asyncio.to_thread(self.is_new, space):
                    self._fleet.committed(space)
            except (SpaceportError, OSError):
                logger.exception("the jobs of %s could not be taken over", space.full_name)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            for key, queue in list(self._queues.items()):
                await asyncio.to_thread(queue.sweep)
                if queue.idle and time.monotonic() - queue.used_at > _IDLE_S and not self._fleet.up(queue.space):
                    del self._queues[key]
                    self._documents.pop(key, None)
                    closing = self._closing[key] = asyncio.create_task(queue.close(0))
                    closing.add_done_callback(functools.partial(self._closed, key))

    def _closed(self, space: int, _: object) -> None:
        self._closing.pop(space, None)

    def is_new(self, space: SpaceRow) -> bool:
        """Whether its newest revision never ran."""
        head = self._spaces.head(space)
        return head is not None and kept_kind(self._layout(space).documents, head) is None

    def _webhook_key(self) -> bytes:
        return secret_file(self._data / "webhook.key", lambda: os.urandom(32))

    def _retries(self, space: SpaceRow) -> int:
        return self._spaces.wishes(space, self._fleet.serving(space)).retries

    def _layout(self, space: SpaceRow) -> SpacePaths:
        return SpacePaths(self._data / space.folder)
