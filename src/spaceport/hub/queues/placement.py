"""Chooses the replica that runs a job.

A call goes to the least busy replica. A call that uses its session's state goes to the replica that has the state:
the hub remembers which one that is, and reads it from the journal after a restart.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from spaceport.engine import Assigned, Job, Journal, Pending, Placement, Prefetched, Wait
from spaceport.hub.queues.remote_endpoint import RemoteEndpoint
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord, replica_of_session
from spaceport.store.hub.ports import SpaceRow

_MAX_SESSIONS = 100_000
_WAIT, _ALL_WAIT = Wait(), Wait(everyone=True)


class ReplicaChooser:
    """One Space's. `calls_on` says how many calls run on the replica with an epoch."""

    def __init__(self, space: SpaceRow, fleet: Fleet, journal: Journal, calls_on: Callable[[str], int]) -> None:
        self._space = space
        self._fleet = fleet
        self._journal = journal
        self._calls_on = calls_on
        self._epochs: OrderedDict[str, str] = OrderedDict()
        """By session: the epoch of the replica that has its state. The session used last is the last one."""

    @property
    def ready(self) -> tuple[ReplicaRecord, ...]:
        return self._fleet.of(self._space).replicas

    def find(self, epoch: str) -> ReplicaRecord | None:
        """The replica with an epoch, while it is ready."""
        return next((replica for replica in self.ready if replica.epoch == epoch), None)

    def choose(self, job: Job, endpoint: RemoteEndpoint | None, prefetched: Prefetched) -> Placement:
        """As `engine.Executor.choose_replica` asks. Each replica may have a whole batch of unstarted calls."""
        least = 1 if endpoint is None else endpoint.batch
        ready = self.ready
        if not ready:
            return Pending() if len(prefetched) < least else _ALL_WAIT
        if job.replica and any(replica.epoch == job.replica for replica in ready):
            return Assigned(job.replica)  # it has run there since before the hub restarted
        if uses_state(job, endpoint):
            replica = self._replica_of_session(job.session or "", ready)
            has_room = prefetched.has_room(replica.epoch, least)
            return Assigned(replica.epoch) if has_room else _ALL_WAIT if len(ready) == 1 else _WAIT
        free = [replica for replica in ready if prefetched.has_room(replica.epoch, least)]
        return Assigned(self._least_busy(free, prefetched.count).epoch) if free else _ALL_WAIT

    def least_busy(self) -> ReplicaRecord | None:
        """None while no replica is ready."""
        ready = self.ready
        return self._least_busy(ready, lambda _: 0) if ready else None

    def _least_busy(self, ready: Sequence[ReplicaRecord], unstarted: Callable[[str], int]) -> ReplicaRecord:
        if len(ready) == 1:
            return ready[0]
        return min(ready, key=lambda replica: (unstarted(replica.epoch), self._calls_on(replica.epoch)))

    def _replica_of_session(self, session: str, ready: Sequence[ReplicaRecord]) -> ReplicaRecord:
        """The replica that has the session's state; the first calls of a new session all go to the same one."""
        if len(ready) == 1:
            return ready[0]
        epoch = self._epochs.get(session)
        return next((replica for replica in ready if replica.epoch == epoch), None) or replica_of_session(
            session, ready
        )

    # Where the state of sessions is

    async def locate_state(
        self, job: Job, session: str, touching: Callable[[], list[str]], replica: ReplicaRecord
    ) -> ReplicaRecord | None:
        """The replica that has a session's state; `replica` for a new session. None: that replica and the state are
        gone. `touching` returns the names of the endpoints that use state."""
        epoch = self._epochs.get(session)
        if epoch is None:
            epoch = await self._journal.session_replica(session, job.id, touching())
        found = replica if epoch is None else self.find(epoch)
        if found is not None:
            self.remember(session, found.epoch)
        return found

    def remember(self, session: str, epoch: str) -> None:
        """From now on the session's state is on this replica."""
        self._epochs[session] = epoch
        self._epochs.move_to_end(session)
        if len(self._epochs) > _MAX_SESSIONS:
            self._epochs.popitem(last=False)

    def has_state_elsewhere(self, session: str, epoch: str) -> bool:
        return self._epochs.get(session, epoch) != epoch

    def of_open_session(self, session: str, page_epoch: str) -> ReplicaRecord | None:
        """The replica of a session that somebody keeps open; None: it is not known, or asleep.

        `page_epoch`: the replica that the session's page came from, if there is one.
        """
        if page_epoch and session not in self._epochs:
            self.remember(session, page_epoch)
        ready = self.ready
        if len(ready) == 1:
            return ready[0]
        return self.find(self._epochs.get(session, ""))


def uses_state(job: Job, endpoint: RemoteEndpoint | None) -> bool:
    return endpoint is not None and endpoint.touches_state and job.own_session
