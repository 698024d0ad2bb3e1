"""Starts, polls and stops replicas of Spaces. One kind so far: processes of this machine."""

from spaceport.runner.crowds import Crowds
from spaceport.runner.local import LocalRunner, Replica, ReplicaSpec

__all__ = ["Crowds", "LocalRunner", "Replica", "ReplicaSpec"]
