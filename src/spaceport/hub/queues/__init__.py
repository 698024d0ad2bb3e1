"""Calls of Spaces as durable jobs of the hub (HUB.md, Lanes)."""

from spaceport.hub.queues.queue import SpaceQueue, fields_of
from spaceport.hub.queues.registry import SpaceQueues

__all__ = ["SpaceQueue", "SpaceQueues", "fields_of"]
