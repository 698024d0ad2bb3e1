"""Runs the hub's jobs: wakes the Space, chooses the replica, and speaks the wire that it understands.

A call goes to the replica with least to do. One that has to do with a session's state goes where that is (HUB.md,
Lanes): that is remembered, and after a restart of the hub the journal tells.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from spaceport.client.transport.http1 import Http1
from spaceport.engine import (
    Assigned,
    Attempt,
    Failure,
    Job,
    Journal,
    Pending,
    Placement,
    Result,
    Retryable,
    Wait,
    died,
)
from spaceport.errors import NotFound, SessionLost, SpaceUnavailable
from spaceport.hub.identity.payer import CALL_S, PayerTokens
from spaceport.hub.queues.endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.queues.files import QueueFiles
from spaceport.hub.queues.upstream.base import CANCELLED, Dispatch, SessionHeartbeats, Upstream
from spaceport.hub.queues.upstream.gradio import GradioUpstream
from spaceport.hub.queues.upstream.http import ReplicaHttp
from spaceport.hub.queues.upstream.link import Link
from spaceport.hub.queues.upstream.native import OurUpstream
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord, chosen
from spaceport.store.hub.sqlite import SpaceRow

_STATE_LOST = (
    "The session's state was lost when the Space restarted: call reset_session(), or call again to start fresh."
)
_LOST = "The Space stopped while the call ran. Call again."
_AGAIN_S = 0.2
_SESSIONS = 100_000


@dataclass(slots=True)
class ReplicaClient:
    """What the hub has to do with one replica."""

    upstream: Upstream
    hearts: SessionHeartbeats
    calls: int = 0


class RemoteExecutor:
    """Implements `engine.Executor` for one Space."""

    def __init__(
        self,
        space: SpaceRow,
        fleet: Fleet,
        http: Http1,
        visitors: PayerTokens,
        files: QueueFiles,
        journal: Journal,
        outcome_ttl_s: float,
    ) -> None:
        self.space = space
        self.endpoints: Mapping[str, RemoteEndpoint] = {}
        self.parent: Callable[[Job], dict[str, str]] = lambda _: {}
        """Headers that put what a replica does for a job into the job's trace."""
        self._fleet = fleet
        self._http = http
        self._visitors = visitors
        self._files = files
        self._journal = journal
        self._outcome_ttl_s = outcome_ttl_s
        self._there: dict[str, ReplicaClient] = {}
        """By epoch."""
        self._beating: set[str] = set()
        self._at: OrderedDict[str, str] = OrderedDict()
        """By session: the epoch of the replica that has its state."""

    def choose_replica(self, job: Job, prefetched: Collection[Attempt]) -> Placement:
        endpoint = self.endpoints.get(job.endpoint)
        most = 1 if endpoint is None else endpoint.batch
        up = self._fleet.up(self.space)
        if not up:
            return Pending() if len(prefetched) < most else Wait()
        if job.replica and any(place.epoch == job.replica for place in up):
            return Assigned(job.replica)  # it runs there since before the hub's restart
        place = self._of_session(job.session or "", up) if _has_state(job, endpoint) else self._least(up, prefetched)
        unstarted = sum(one.replica in ("", place.epoch) for one in prefetched)
        return Assigned(place.epoch) if unstarted < most else Wait()

    def _least(self, places: Sequence[ReplicaRecord], prefetched: Collection[Attempt]) -> ReplicaRecord:
        if len(places) == 1:
            return places[0]
        waiting = Counter(attempt.replica for attempt in prefetched)
        return min(places, key=lambda place: (waiting[place.epoch], self._calls(place.epoch)))

    def _of_session(self, session: str, up: Sequence[ReplicaRecord]) -> ReplicaRecord:
        """Where its state is; all first calls of a new one go the same way."""
        if len(up) == 1:
            return up[0]
        own = self._at.get(session)
        return next((place for place in up if place.epoch == own), None) or chosen(session, up)

    def _calls(self, epoch: str) -> int:
        there = self._there.get(epoch)
        return 0 if there is None else there.calls

    def survived(self, job: Job) -> bool:
        """A Space of ours goes on with a call when the hub is gone, if its replica is the same."""
        return any(place.ours and place.epoch == job.replica for place in self._fleet.up(self.space))

    def restore(self, endpoint: str, payload: bytes, *, waited: bool) -> object | Failure:
        return self.endpoints[endpoint].restore(payload)

    async def run(self, attempt: Attempt) -> Sequence[Result | Failure | Retryable]:
        (job,) = attempt.jobs
        task = asyncio.current_task()
        assert task is not None
        attempt.on_cancel = task.cancel
        try:
            with self._fleet.used(self.space):
                place = await self._fleet.place(self.space, attempt.replica)
                found: Result | Failure | Retryable = await self._on(place, attempt, job)
        except asyncio.CancelledError:
            if not attempt.cancelled.is_set():
                raise  # the hub stops; nobody cancelled the job
            return [CANCELLED]
        except SpaceUnavailable as error:
            found = self._unavailable(error)
        if isinstance(found, Retryable):
            if found.begun:
                found = Retryable(died(job, _LOST), begun=True)
            await asyncio.sleep(_AGAIN_S)
        elif isinstance(found, Result) and b'"path"' in found.data:
            expires_at = time.time() + self._outcome_ttl_s
            await asyncio.to_thread(self._files.keep, msgspec.json.decode(found.data), expires_at)
        return [found]

    def _unavailable(self, error: SpaceUnavailable) -> Failure | Retryable:
        """A Space that cannot run ends its calls; one that was just stopped starts again for them."""
        try:
            self._fleet.check(self.space)
        except SpaceUnavailable as why:
            return Failure(why.code, why.message, shown=True)
        return Retryable(Failure(error.code, error.message, shown=True), begun=False)

    async def _on(self, place: ReplicaRecord, attempt: Attempt, job: Job) -> Result | Failure | Retryable:
        call, endpoint = job.call, self.endpoints.get(attempt.endpoint)
        assert isinstance(call, RemoteCall)
        if endpoint is None:
            return Failure(NotFound.code, f"The endpoint {attempt.endpoint} does not exist any more.", shown=True)
        if _has_state(job, endpoint):
            assert job.session is not None
            found = await self._where_state_is(job, job.session, place)
            if found is None:
                self._remember(job.session, place.epoch)
                if endpoint.stateful:
                    return Failure(SessionLost.code, _STATE_LOST, shown=True)
            place = found or place
        if attempt.replica != place.epoch:
            attempt.replica, attempt.sent = place.epoch, False
        there = self._with(place)
        if job.own_session and job.session in self._beating and self._at.get(job.session, place.epoch) == place.epoch:
            there.hearts.beat(job.session)
        payer = call.payer
        visitor = None if payer is None else self._visitors.mint(payer, self.space.full_name, CALL_S)
        there.calls += 1
        try:
            with self._fleet.used(self.space, place):
                return await there.upstream.run(Dispatch(attempt, job, call, endpoint, visitor, self.parent(job)))
        finally:
            there.calls -= 1
            if self._up(place.epoch) is None:
                self.moved()

    async def _where_state_is(self, job: Job, session: str, place: ReplicaRecord) -> ReplicaRecord | None:
        """The replica of a session: a new one may go to `place`; None: it is gone, with the state."""
        known = self._at.get(session)
        if known is None:
            touching = [endpoint.name for endpoint in self.endpoints.values() if endpoint.touches_state]
            known = await self._journal.session_replica(session, job.id, touching)
        found = place if known is None else self._up(known)
        if found is not None:
            self._remember(session, found.epoch)
        return found

    def _remember(self, session: str, epoch: str) -> None:
        self._at[session] = epoch
        self._at.move_to_end(session)
        if len(self._at) > _SESSIONS:
            self._at.popitem(last=False)

    def _up(self, epoch: str) -> ReplicaRecord | None:
        return next((place for place in self._fleet.up(self.space) if place.epoch == epoch), None)

    def _with(self, place: ReplicaRecord) -> ReplicaClient:
        there = self._there.get(place.epoch)
        if there is None:
            line = ReplicaHttp(self._http, place.port)
            upstream = OurUpstream(Link(line)) if place.ours else GradioUpstream(line)
            there = self._there[place.epoch] = ReplicaClient(upstream, SessionHeartbeats(line))
        return there

    def moved(self) -> None:
        """The Space has other replicas: those that are gone are forgotten when their last call has ended."""
        for epoch, there in list(self._there.items()):
            if not there.calls and self._up(epoch) is None:
                del self._there[epoch]
                there.upstream.close()
                there.hearts.close()

    async def ask(self, endpoint: RemoteEndpoint, call: RemoteCall) -> None:
        """Whether the app would take a call, if it is awake to say. Raises `InvalidInput`."""
        up = self._fleet.up(self.space)
        if up:
            await self._with(self._least(up, ())).upstream.check(endpoint, call)

    # Sessions

    def alive(self, session: str, replica: str = "") -> None:
        """Somebody keeps the session open: so is it where its state is, while that is awake. `replica`: where its page
        came from."""
        self._beating.add(session)
        if replica:
            self._at.setdefault(session, replica)
        up = self._fleet.up(self.space)
        own = self._at.get(session)
        place = up[0] if len(up) == 1 else next((one for one in up if one.epoch == own), None)
        if place is not None:
            self._with(place).hearts.beat(session)

    def gone(self, session: str) -> None:
        self._beating.discard(session)
        for there in self._there.values():
            there.hearts.rest(session)

    def let_go(self) -> None:
        """Of all connections."""
        for there in self._there.values():
            there.upstream.close()
            there.hearts.close()
        self._there.clear()


def _has_state(job: Job, endpoint: RemoteEndpoint | None) -> bool:
    return endpoint is not None and endpoint.touches_state and job.own_session
