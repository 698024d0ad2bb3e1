"""Calls of Spaces as durable jobs of the hub: a queue for each Space."""

from spaceport.hub.queues.admission import fields_of
from spaceport.hub.queues.queue import SpaceQueue
from spaceport.hub.queues.registry import SpaceQueues

__all__ = ["SpaceQueue", "SpaceQueues", "fields_of"]
