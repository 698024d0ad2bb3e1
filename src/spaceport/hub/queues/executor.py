"""Runs the hub's jobs: wakes the Space, chooses a replica, and calls it in the protocol that it speaks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from spaceport.client.transport.http1 import Http1
from spaceport.engine import Attempt, Failure, Job, Journal, Placement, Prefetched, Result, Retryable, died
from spaceport.errors import NotFound, SessionLost, SpaceUnavailable
from spaceport.hub.identity.payer import CALL_S, PayerTokens
from spaceport.hub.queues.files import QueueFiles
from spaceport.hub.queues.placement import ReplicaChooser, uses_state
from spaceport.hub.queues.remote_endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.queues.upstream.base import CANCELLED, Dispatch
from spaceport.hub.queues.upstream.clients import ReplicaClients
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord
from spaceport.store.hub.ports import SpaceRow

_STATE_LOST = (
    "The session's state was lost when the Space restarted: call reset_session(), or call again to start fresh."
)
_LOST = "The Space stopped while the call ran. Call again."
_RETRY_PAUSE_S = 0.2
_PATH, _SEARCHED = b'"path"', 256 << 10


async def _names_files(result: bytes | bytearray) -> bool:
    """Whether a result may name files; a large one is searched in pieces, with turns of the event loop in between."""
    for start in range(0, len(result), _SEARCHED):
        if start:
            await asyncio.sleep(0)
        if result.find(_PATH, start, start + _SEARCHED + len(_PATH)) >= 0:
            return True
    return False


class RemoteExecutor:
    """Implements `engine.Executor` for one Space."""

    def __init__(
        self,
        space: SpaceRow,
        fleet: Fleet,
        http: Http1,
        payers: PayerTokens,
        files: QueueFiles,
        journal: Journal,
        outcome_ttl_s: float,
    ) -> None:
        self.space = space
        self.endpoints: Mapping[str, RemoteEndpoint] = {}
        self.parent: Callable[[Job], dict[str, str]] = lambda _: {}
        """Returns headers that make what a replica does for a job part of the job's trace."""
        self._fleet = fleet
        self._payers = payers
        self._files = files
        self._outcome_ttl_s = outcome_ttl_s
        self._clients = ReplicaClients(http)
        self._placement = ReplicaChooser(space, fleet, journal, self._clients.calls_on)
        self._open_sessions: set[str] = set()
        """Sessions whose callers send heartbeats."""

    def choose_replica(self, job: Job, prefetched: Prefetched) -> Placement:
        return self._placement.choose(job, self.endpoints.get(job.endpoint), prefetched)

    def survived(self, job: Job) -> bool:
        """A Space of ours finishes its calls while the hub is down, if its replica is still the same."""
        return any(replica.ours and replica.epoch == job.replica for replica in self._placement.ready)

    def release(self, call: object) -> None:
        assert isinstance(call, RemoteCall)
        call.release()

    def restore(self, endpoint: str, payload: bytes, *, waited: bool) -> object | Failure:
        return self.endpoints[endpoint].restore(payload)

    async def run(self, attempt: Attempt[Job]) -> Sequence[Result | Failure | Retryable]:
        (job,) = attempt.jobs
        task = asyncio.current_task()
        assert task is not None
        attempt.on_cancel = task.cancel
        try:
            runtime = self._fleet.of(self.space)
            with runtime.in_use():
                replica = await runtime.acquire(attempt.replica)
                found: Result | Failure | Retryable = await self._run_on(replica, attempt, job)
        except asyncio.CancelledError:
            if not attempt.cancelled.is_set():
                raise  # the hub stops; nobody cancelled the job
            return [CANCELLED]
        except SpaceUnavailable as error:
            found = self._unavailable(error)
        if isinstance(found, Retryable):
            if found.begun:
                found = Retryable(died(job, _LOST), begun=True)
            await asyncio.sleep(_RETRY_PAUSE_S)
        elif isinstance(found, Result) and await _names_files(found.data):
            expires_at = time.time() + self._outcome_ttl_s
            await asyncio.to_thread(self._keep_files, found.data, expires_at)
        return [found]

    def _keep_files(self, result: bytes | bytearray, expires_at: float) -> None:
        """Keep the files that a result names. Blocks."""
        with contextlib.suppress(ValueError, RecursionError):  # an app's result may be anything
            self._files.keep(msgspec.json.decode(result), expires_at)

    def _unavailable(self, error: SpaceUnavailable) -> Failure | Retryable:
        """A Space that cannot run fails its calls; one that was just stopped is started again for them."""
        try:
            self._fleet.of(self.space).check()
        except SpaceUnavailable as why:
            return Failure(why.code, why.message, shown=True)
        return Retryable(Failure(error.code, error.message, shown=True), begun=False)

    async def _run_on(self, replica: ReplicaRecord, attempt: Attempt[Job], job: Job) -> Result | Failure | Retryable:
        """Run the attempt on `replica`, or on the one that has its session's state."""
        call, endpoint = job.call, self.endpoints.get(attempt.endpoint)
        assert isinstance(call, RemoteCall)
        if endpoint is None:
            return Failure(NotFound.code, f"The endpoint {attempt.endpoint} does not exist any more.", shown=True)
        if uses_state(job, endpoint):
            assert job.session is not None
            found = await self._placement.locate_state(job, job.session, self._touching, replica)
            if found is None:
                self._placement.remember(job.session, replica.epoch)
                if endpoint.stateful:
                    return Failure(SessionLost.code, _STATE_LOST, shown=True)
            replica = found or replica
        if attempt.replica != replica.epoch:
            attempt.sink.reassigned(attempt, replica.epoch)
        client = self._clients.get(replica)
        session = job.session if job.own_session else None
        if session in self._open_sessions and not self._placement.has_state_elsewhere(session, replica.epoch):
            client.heartbeats.start(session)
        token = None if call.payer is None else self._payers.mint(call.payer, self.space.full_name, CALL_S)
        client.calls += 1
        try:
            with self._fleet.of(self.space).in_use(replica):
                return await client.upstream.run(Dispatch(attempt, job, call, endpoint, token, self.parent(job)))
        finally:
            client.calls -= 1
            if self._placement.find(replica.epoch) is None:
                self.on_replicas_changed()

    def _touching(self) -> list[str]:
        """The names of the endpoints that use state."""
        return [endpoint.name for endpoint in self.endpoints.values() if endpoint.touches_state]

    async def check(self, endpoint: RemoteEndpoint, call: RemoteCall) -> None:
        """Ask the app whether it would take a call, if it is awake. Raises `InvalidInput`."""
        replica = self._placement.least_busy()
        if replica is not None:
            await self._clients.get(replica).upstream.check(endpoint, call)

    def on_replicas_changed(self) -> None:
        """Disconnect from replicas that are gone, once their last call has ended."""
        self._clients.discard(lambda epoch: self._placement.find(epoch) is None)

    # Sessions

    def keep_session_open(self, session: str, page_epoch: str = "") -> None:
        """The caller sends heartbeats: so does the hub to the replica with the session's state, while it is awake.

        `page_epoch`: the replica that the session's page came from.
        """
        self._open_sessions.add(session)
        replica = self._placement.of_open_session(session, page_epoch)
        if replica is not None:
            self._clients.get(replica).heartbeats.start(session)

    def end_session(self, session: str) -> None:
        """The caller's last heartbeat has ended."""
        self._open_sessions.discard(session)
        self._clients.stop_heartbeats(session)

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()
