"""Starts, polls and stops replicas of Spaces. One kind so far: processes of this machine."""

from spaceport.runner.local.process_limit import ProcessLimit
from spaceport.runner.local.processes import LocalRunner, Replica, ReplicaSpec

__all__ = ["LocalRunner", "ProcessLimit", "Replica", "ReplicaSpec"]
