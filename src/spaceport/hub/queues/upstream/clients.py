"""The hub's connections to the replicas of one Space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spaceport.client.transport.http1 import Http1
from spaceport.hub.queues.upstream.base import SessionHeartbeats, Upstream
from spaceport.hub.queues.upstream.gradio import GradioUpstream
from spaceport.hub.queues.upstream.http import ReplicaHttp
from spaceport.hub.queues.upstream.link import Link
from spaceport.hub.queues.upstream.native import NativeUpstream
from spaceport.hub.runtime.replicas import ReplicaRecord


@dataclass(slots=True)
class ReplicaClient:
    """The hub's side of one replica. `calls`: how many run on it."""

    upstream: Upstream
    heartbeats: SessionHeartbeats
    calls: int = 0

    def close(self) -> None:
        self.upstream.close()
        self.heartbeats.close()


class ReplicaClients:
    """By epoch; made when first needed."""

    def __init__(self, http: Http1) -> None:
        self._http = http
        self._clients: dict[str, ReplicaClient] = {}

    def get(self, replica: ReplicaRecord) -> ReplicaClient:
        client = self._clients.get(replica.epoch)
        if client is None:
            http = ReplicaHttp(self._http, replica.address)
            upstream = NativeUpstream(Link(http)) if replica.ours else GradioUpstream(http)
            client = self._clients[replica.epoch] = ReplicaClient(upstream, SessionHeartbeats(http))
        return client

    def calls_on(self, epoch: str) -> int:
        client = self._clients.get(epoch)
        return 0 if client is None else client.calls

    def discard(self, is_gone: Callable[[str], bool]) -> None:
        """Close those whose replica is gone and which run no call."""
        for epoch, client in list(self._clients.items()):
            if not client.calls and is_gone(epoch):
                del self._clients[epoch]
                client.close()

    def stop_heartbeats(self, session: str) -> None:
        for client in self._clients.values():
            client.heartbeats.stop(session)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
