"""The queues of all Spaces: opened by the first call, or for jobs that a killed hub left; closed when idle."""

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
from spaceport.hub.queues.description import Documents, Kind, Kinds, fetch, load, load_newest, save
from spaceport.hub.queues.queue import SharedServices, SpaceQueue
from spaceport.hub.queues.usage import UsageHistory
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.observe import Metrics
from spaceport.settings import Settings
from spaceport.store import has_due, has_unfinished, secret_file
from spaceport.store.hub.ports import SpaceRow

logger = logging.getLogger("spaceport.hub")

_SWEEP_INTERVAL_S = 60.0
_REMOVALS_INTERVAL_S = 5.0
_IDLE_S = 300.0
"""How long a queue without jobs stays open after its last request."""


class SpaceQueues:
    """`start` it in the running loop, `stop` it before the loop ends."""

    def __init__(
        self, spaces: Spaces, data: Path, settings: Settings, fleet: Fleet, payers: PayerTokens, hub_url: str = ""
    ) -> None:
        self.http: aiohttp.ClientSession
        """For requests that the gateway forwards to replicas."""
        self.metrics = Metrics()
        self.usage = UsageHistory(data, self.metrics)
        self._calls = Http1(ssl.create_default_context)
        self._spaces = spaces
        self._data = data
        self._fleet = fleet
        self._drain_s = settings.drain_s
        self._shared = SharedServices(settings, fleet, self._calls, payers, self.metrics, self._webhook_key, hub_url)
        self._queues: dict[int, SpaceQueue] = {}
        self._opening: dict[int, asyncio.Task[SpaceQueue]] = {}
        self._closing: dict[int, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._documents: dict[int, Documents] = {}
        self._kinds = Kinds(data)
        fleet.on_first_ready(self._on_first_ready)
        fleet.on_replicas_changed(self._on_replicas_changed)

    def start(self) -> None:
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._tasks = [asyncio.create_task(work()) for work in (self._recover, self._sweep, self._remove_vanished)]

    async def drain(self) -> None:
        """Take no new jobs and let running ones finish for a while; streams of those that still wait or run end."""
        await asyncio.gather(*(queue.drain(self._drain_s) for queue in self._queues.values()))

    async def stop(self) -> None:
        """Drain, if that was not done, and close. Waiting jobs are left to the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._opening.values(), *self._closing.values(), return_exceptions=True)
        await asyncio.gather(*(queue.close(self._drain_s) for queue in self._queues.values()))
        await asyncio.to_thread(self.usage.save, [queue.space for queue in self._queues.values()])
        await self._calls.close()
        await self.http.close()

    def get_open(self, space: SpaceRow, *, reads: bool) -> SpaceQueue | None:
        """What `get` would return, where the queue is open and current; None: call `get`."""
        queue = self._queues.get(space.id)
        current = queue is not None and (reads or queue.documents.commit == self._fleet.of(space).serving())
        return queue if queue is not None and current and queue.durable else None

    async def get(self, space: SpaceRow, *, reads: bool) -> SpaceQueue | None:
        """The queue of a Space, once its newest revision has described itself; None: its calls are forwarded.

        Starts a revision that never ran, unless the caller only `reads` what was accepted before. Raises
        `SpaceUnavailable` for one that cannot run.
        """
        queue = self._queues.get(space.id)
        head = self._fleet.of(space).serving()
        if queue is not None and (reads or queue.documents.commit == head):
            return queue if queue.durable else None
        documents = await self._find_documents(space, head, reads=reads)
        if documents.commit == head:
            self._documents[space.id] = documents
        queue = await self._open(space, documents)
        return queue if queue.durable else None

    async def _find_documents(self, space: SpaceRow, head: str | None, *, reads: bool) -> Documents:
        documents = self._documents.get(space.id)
        if documents is None or documents.commit != head:
            documents = await asyncio.to_thread(load, self._paths(space).documents, head)
        if documents is None and reads:
            documents = await asyncio.to_thread(load_newest, self._paths(space).documents)
        if documents is None:
            replica = await self._fleet.of(space).acquire()
            if space.id not in self._documents or self._documents[space.id].commit != replica.commit:
                await self._on_first_ready(space, replica)  # it was adopted, and its documents were not saved
            documents = self._documents[space.id]
        return documents

    async def get_known(self, space: SpaceRow) -> SpaceQueue | None:
        """The queue of a Space whose app has run before, without starting it; None: it has no jobs."""
        paths = self._paths(space)
        if space.id not in self._queues and not await asyncio.to_thread(paths.journal.exists):
            return None
        return self.get_open(space, reads=True) or await self.get(space, reads=True)

    def _is_new(self, space: SpaceRow) -> bool:
        """Whether the Space's newest revision never ran. Blocks."""
        head = self._spaces.head(space)
        return head is not None and self.kind(space, head) is None

    def kind(self, space: SpaceRow, commit: str | None) -> Kind | None:
        """What a revision turned out to be when it ran; None if it never ran. Blocks."""
        return self._kinds.of(space, commit)

    async def remove(self, space: SpaceRow) -> None:
        """Close the queue of a Space that is about to be deleted."""
        queue = self._queues.pop(space.id, None)
        self._documents.pop(space.id, None)
        self._kinds.removed(space)
        if queue is not None:
            await queue.close(0)
        await asyncio.to_thread(self.usage.removed, space)

    async def _open(self, space: SpaceRow, documents: Documents) -> SpaceQueue:
        queue = self._queues.get(space.id)
        if queue is not None:
            await queue.update_description(documents, self._retries(space))
            return queue
        opening = self._opening.get(space.id)
        if opening is None:
            opening = self._opening[space.id] = asyncio.create_task(self._start_queue(space, documents))
            opening.add_done_callback(lambda _: self._opening.pop(space.id, None))
        return await asyncio.shield(opening)

    async def _start_queue(self, space: SpaceRow, documents: Documents) -> SpaceQueue:
        if space.id in self._closing:
            await asyncio.wait([self._closing[space.id]])
        queue = SpaceQueue(space, self._paths(space), self._shared)
        await queue.start(documents, self._retries(space))
        self._queues[space.id] = queue
        return queue

    # What the fleet tells

    async def _on_first_ready(self, space: SpaceRow, replica: ReplicaRecord) -> None:
        """Read what the first replica of a revision says of itself, before it gets any request."""
        documents = await fetch(self.http, replica.address, replica.commit, replica.epoch)
        self._documents[space.id] = documents
        await asyncio.to_thread(save, self._paths(space).documents, documents)
        self._kinds.saved(space, documents)
        queue = self._queues.get(space.id)
        if queue is not None:
            await queue.update_description(documents, self._retries(space))

    def _on_replicas_changed(self, space: SpaceRow) -> None:
        queue = self._queues.get(space.id)
        if queue is not None:
            queue.on_replicas_changed()

    # Background tasks

    async def _recover(self) -> None:
        """Resume the jobs of all Spaces."""
        for space in await asyncio.to_thread(self._spaces.all):
            await self.resume(space)

    async def resume(self, space: SpaceRow) -> None:
        """Open the queue of a Space whose journal has unfinished jobs; start a revision that never ran."""
        paths = self._paths(space)
        try:
            unfinished = await asyncio.to_thread(has_unfinished, paths.journal)
            if unfinished or await asyncio.to_thread(has_due, paths.folder / "webhooks.db"):
                documents = await asyncio.to_thread(load_newest, paths.documents)
                if documents is not None:
                    await self._open(space, documents)
            if not self._fleet.of(space).known and await asyncio.to_thread(self._is_new, space):
                self._fleet.of(space).committed()
        except (SpaceportError, OSError):
            logger.exception("the unfinished jobs of %s could not be resumed", space.full_name)

    async def _remove_vanished(self) -> None:
        """End what runs of Spaces that another process has removed, or whose owner is an admin no more: `spaceport
        users` did."""
        while True:
            await asyncio.sleep(_REMOVALS_INTERVAL_S)
            known = {one.id: one for one in [*self._fleet.spaces(), *(queue.space for queue in self._queues.values())]}
            for space in await asyncio.to_thread(self._spaces.vanished, list(known.values())):
                await self.remove(space)
                await self._fleet.remove(space)
            await self._fleet.end_untrusted()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_INTERVAL_S)
            await asyncio.to_thread(self.usage.save, [queue.space for queue in self._queues.values()])
            for key, queue in list(self._queues.items()):
                await asyncio.to_thread(queue.sweep)
                if (
                    queue.idle
                    and time.monotonic() - queue.used_at > _IDLE_S
                    and not self._fleet.of(queue.space).replicas
                ):
                    del self._queues[key]
                    self._documents.pop(key, None)
                    closing = self._closing[key] = asyncio.create_task(queue.close(0))
                    closing.add_done_callback(functools.partial(self._closed, key))

    def _closed(self, space: int, _: object) -> None:
        self._closing.pop(space, None)

    def _webhook_key(self) -> bytes:
        return secret_file(self._data / "webhook.key", lambda: os.urandom(32))

    def _retries(self, space: SpaceRow) -> int:
        return self._spaces.options(space, self._fleet.of(space).serving()).retries

    def _paths(self, space: SpaceRow) -> SpacePaths:
        return SpacePaths(self._data / space.folder)
