"""Which replica answers a visitor: the one that has the visitor's page, login and session state."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from spaceport.hub.gateway.addresses import Target
from spaceport.hub.gateway.exchange import ProxiedRequest
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.queues import fields_of
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord, replica_of_session

_COOKIE = "spaceport-replica"
_SESSION_IN_BODY = ("/queue/join", "/cancel", "/reset")
_MAX_PEEK = 16 << 20
"""A larger body is not searched for its session."""


def remembered_epoch(scope: Any) -> str:
    """The epoch of the replica that answered this visitor before; empty where the cookie is missing."""
    for header, value in scope["headers"]:
        if header == b"cookie":
            for pair in str(value, "latin-1").split(";"):
                name, _, epoch = pair.strip().partition("=")
                if name == _COOKIE:
                    return epoch
    return ""


def affinity_cookie(replica: ReplicaRecord, target: Target) -> tuple[bytes, bytes]:
    """The header that brings the visitor back to this replica."""
    attributes = "Secure; SameSite=None; Partitioned" if target.scheme == "https" else "SameSite=Lax"
    return b"set-cookie", f"{_COOKIE}={replica.epoch}; Path={target.prefix or '/'}; HttpOnly; {attributes}".encode()


async def choose_replica(
    fleet: Fleet, options: GatewayOptions, target: Target, scope: Any, request: ProxiedRequest | None = None
) -> ReplicaRecord:
    """The replica of the visitor's cookie; else the one that the session is hashed to; else the least busy one.

    `request` is None for a websocket, whose session can only be in the query.
    """
    epoch = remembered_epoch(scope)
    replica = await fleet.of(target.space).acquire(epoch)
    ready = fleet.of(target.space).replicas
    if len(ready) < 2 or replica.epoch == epoch:
        return replica
    session = parse_qs(str(scope["query_string"], "latin-1")).get("session_hash", [""])[0]
    if request is not None and scope["method"] == "POST" and target.path.endswith(_SESSION_IN_BODY):
        session = str(fields_of(await request.peek(_MAX_PEEK, options.body_timeout_s)).get("session_hash") or "")
    return replica_of_session(session, ready) if session else replica
