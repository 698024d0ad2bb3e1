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
from spaceport.hub.fleet import Fleet
from spaceport.hub.lanes.documents import Documents, Kind, fetch, keep, kept, kept_kind, newest
from spaceport.hub.lanes.lane import Hosting, Lane
from spaceport.hub.layout import Layout
from spaceport.hub.replicas import Place
from spaceport.hub.spaces import Spaces
from spaceport.hub.visitors import Visitors
from spaceport.observe import Metrics
from spaceport.settings import Settings
from spaceport.store import has_due, has_unfinished, secret_file
from spaceport.store.hub import SpaceRow

logger = logging.getLogger("spaceport.hub")

_SWEEP_S = 60.0
_IDLE_S = 300.0


class Lanes:
    """`begin` in the running loop, `end` before it stops."""

    def __init__(self, spaces: Spaces, data: Path, settings: Settings, fleet: Fleet, visitors: Visitors) -> None:
        self.http: aiohttp.ClientSession
        """To replicas, for what is passed on."""
        self.metrics = Metrics()
        self._calls = Http1(ssl.create_default_context)
        self._spaces = spaces
        self._data = data
        self._settings = settings
        self._fleet = fleet
        self._visitors = visitors
        self._lanes: dict[int, Lane] = {}
        self._opening: dict[int, asyncio.Task[Lane]] = {}
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
        await asyncio.gather(*(lane.close(self._settings.drain_s) for lane in self._lanes.values()))
        await self._calls.close()
        await self.http.close()

    def ready(self, space: SpaceRow, *, reads: bool) -> Lane | None:
        """What `of` would say, where that is known; None: ask it."""
        lane = self._lanes.get(space.id)
        current = lane is not None and (reads or lane.documents.commit == self._fleet.serving(space))
        return lane if lane is not None and current and lane.durable else None

    async def of(self, space: SpaceRow, *, reads: bool) -> Lane | None:
        """The lane of a Space, once its newest revision has said what it is; None: its calls are passed on.

        Wakes a revision that never ran, unless the caller only `reads` what was accepted before. Raises
        `SpaceUnavailable` for one that cannot run.
        """
        lane = self._lanes.get(space.id)
        head = self._fleet.serving(space)
        if lane is not None and (reads or lane.documents.commit == head):
            return lane if lane.durable else None
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
        lane = await self._open(space, documents)
        return lane if lane.durable else None

    def queues(self, space: SpaceRow) -> bool:
        """Whether the Space takes calls as it is, awake or not."""
        kind = kept_kind(self._layout(space).documents, self._fleet.serving(space))
        return kind is not None and kind is not Kind.PROXIED

    async def remove(self, space: SpaceRow) -> None:
        """The Space is going to be deleted."""
        lane = self._lanes.pop(space.id, None)
        self._documents.pop(space.id, None)
        if lane is not None:
            await lane.close(0)

    async def _open(self, space: SpaceRow, documents: Documents) -> Lane:
        lane = self._lanes.get(space.id)
        if lane is not None:
            if lane.documents.commit != documents.commit or lane.documents.epoch != documents.epoch:
                lane.learn(documents, self._retries(space))
            return lane
        opening = self._opening.get(space.id)
        if opening is None:
            opening = self._opening[space.id] = asyncio.create_task(self._opened(space, documents))
            opening.add_done_callback(lambda _: self._opening.pop(space.id, None))
        return await asyncio.shield(opening)

    async def _opened(self, space: SpaceRow, documents: Documents) -> Lane:
        if space.id in self._closing:
            await asyncio.wait([self._closing[space.id]])
        hosting = Hosting(self._settings, self._fleet, self._calls, self._visitors, self.metrics, self._webhook_key)
        lane = Lane(space, self._layout(space), hosting, documents, self._retries(space))
        await lane.start()
        self._lanes[space.id] = lane
        return lane

    async def _arrived(self, space: SpaceRow, place: Place) -> None:
        """A replica listens: hear what it says before anybody else does."""
        documents = await fetch(self.http, place.port, place.commit, place.epoch)
        self._documents[space.id] = documents
        await asyncio.to_thread(keep, self._layout(space).documents, documents)
        lane = self._lanes.get(space.id)
        if lane is not None:
            lane.learn(documents, self._retries(space))

    def _moved(self, space: SpaceRow) -> None:
        lane = self._lanes.get(space.id)
        if lane is not None:
            lane.moved()

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
            for key, lane in list(self._lanes.items()):
                await asyncio.to_thread(lane.sweep)
                if lane.idle and time.monotonic() - lane.used_at > _IDLE_S and not self._fleet.up(lane.space):
                    del self._lanes[key]
                    self._documents.pop(key, None)
                    closing = self._closing[key] = asyncio.create_task(lane.close(0))
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

    def _layout(self, space: SpaceRow) -> Layout:
        return Layout(self._data / space.folder)
