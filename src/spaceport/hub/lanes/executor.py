"""Runs the hub's jobs: wakes the Space, finds its replica, and speaks the wire that it understands."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec

from spaceport.client.transport.http1 import Http1
from spaceport.engine import Again, Attempt, Failure, Job, Result
from spaceport.errors import Interrupted, NotFound, SessionLost, SpaceUnavailable
from spaceport.hub.fleet import Fleet, Place
from spaceport.hub.lanes.endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.lanes.files import LaneFiles
from spaceport.hub.lanes.gradio import GradioUpstream
from spaceport.hub.lanes.line import Line
from spaceport.hub.lanes.ours import OurUpstream
from spaceport.hub.lanes.upstream import CANCELLED, Hearts, Trip, Upstream
from spaceport.hub.visitors import CALL_S, Visitors
from spaceport.store.hub import SpaceRow

_STATE_LOST = (
    "The session's state was lost when the Space restarted: call reset_session(), or call again to start fresh."
)
_LOST = "The Space stopped while the call ran. Call again."
_AGAIN_S = 0.2
_SESSIONS = 100_000


class RemoteExecutor:
    """Implements `engine.Executor` for one Space."""

    def __init__(
        self,
        space: SpaceRow,
        fleet: Fleet,
        http: Http1,
        visitors: Visitors,
        files: LaneFiles,
        outcome_ttl_s: float,
    ) -> None:
        self.space = space
        self.endpoints: Mapping[str, RemoteEndpoint] = {}
        self._fleet = fleet
        self._http = http
        self._visitors = visitors
        self._files = files
        self._outcome_ttl_s = outcome_ttl_s
        self._epoch = ""
        self._upstream: Upstream | None = None
        self._hearts: Hearts | None = None
        self._beating: set[str] = set()
        self._known: OrderedDict[str, str] = OrderedDict()
        """By session: the epoch of the replica that has its state."""

    def ready(self, endpoint: str) -> bool:
        return self._fleet.up(self.space) is not None

    def survived(self, job: Job) -> bool:
        """A Space of ours goes on with a call when the hub is gone, if its replica is the same."""
        place = self._fleet.up(self.space)
        return place is not None and place.ours

    def restore(self, endpoint: str, payload: bytes, *, waited: bool) -> object | Failure:
        call = self.endpoints[endpoint].restore(payload)
        if isinstance(call, RemoteCall) and call.session is not None:
            place = self._fleet.up(self.space)  # only a replica that was taken over has state from before
            self._known.setdefault(call.session, "" if place is None else place.epoch)
        return call

    async def run(self, attempt: Attempt) -> Sequence[Result | Failure | Again]:
        (job,) = attempt.jobs
        task = asyncio.current_task()
        assert task is not None
        attempt.on_cancel = task.cancel
        try:
            with self._fleet.used(self.space):
                place = await self._fleet.place(self.space)
                found: Result | Failure | Again = await self._on(place, attempt, job)
        except asyncio.CancelledError:
            if not attempt.cancelled.is_set():
                raise  # the hub stops; nobody cancelled the job
            return [CANCELLED]
        except SpaceUnavailable as error:
            found = self._unavailable(error)
        if isinstance(found, Again):
            if found.begun:
                found = Again(Failure(Interrupted.code, _LOST, shown=True), begun=True)
            await asyncio.sleep(_AGAIN_S)
        elif isinstance(found, Result) and b'"path"' in found.data:
            expires_at = time.time() + self._outcome_ttl_s
            await asyncio.to_thread(self._files.keep, msgspec.json.decode(found.data), expires_at)
        return [found]

    def _unavailable(self, error: SpaceUnavailable) -> Failure | Again:
        """A Space that cannot run ends its calls; one that was just stopped starts again for them."""
        try:
            self._fleet.check(self.space)
        except SpaceUnavailable as why:
            return Failure(why.code, why.message, shown=True)
        return Again(Failure(error.code, error.message, shown=True), begun=False)

    async def _on(self, place: Place, attempt: Attempt, job: Job) -> Result | Failure | Again:
        call, endpoint = job.call, self.endpoints.get(attempt.endpoint)
        assert isinstance(call, RemoteCall)
        if endpoint is None:
            return Failure(NotFound.code, f"The endpoint {attempt.endpoint} does not exist any more.", shown=True)
        upstream = self._at(place)
        if job.own_session and job.session is not None:
            known = self._known.pop(job.session, place.epoch)
            self._known[job.session] = place.epoch
            if len(self._known) > _SESSIONS:
                self._known.popitem(last=False)
            if known != place.epoch and endpoint.stateful:
                return Failure(SessionLost.code, _STATE_LOST, shown=True)
            if job.session in self._beating and self._hearts is not None:
                self._hearts.beat(job.session)
        payer = call.payer
        visitor = None if payer is None else self._visitors.mint(payer, self.space.full_name, CALL_S)
        return await upstream.run(Trip(attempt, job, call, endpoint, visitor))

    def _at(self, place: Place) -> Upstream:
        if self._upstream is None or self._epoch != place.epoch:
            self.let_go()
            line = Line(self._http, place.port)
            self._upstream = OurUpstream(line) if place.ours else GradioUpstream(line)
            self._epoch, self._hearts = place.epoch, Hearts(line)
        return self._upstream

    # Sessions

    def alive(self, session: str) -> None:
        """Somebody keeps the session open: so is it where its state is, while that is awake."""
        self._beating.add(session)
        place = self._fleet.up(self.space)
        if place is not None:
            self._at(place)
            assert self._hearts is not None
            self._hearts.beat(session)

    def gone(self, session: str) -> None:
        self._beating.discard(session)
        if self._hearts is not None:
            self._hearts.rest(session)

    def let_go(self) -> None:
        """Of the replica's connections."""
        if self._upstream is not None:
            self._upstream.close()
        if self._hearts is not None:
            self._hearts.close()
        self._upstream = self._hearts = None
