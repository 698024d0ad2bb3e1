"""Calls of Spaces as durable jobs of the hub: a queue for each Space."""

from spaceport.hub.queues.queue import SpaceQueue
from spaceport.hub.queues.registry import SpaceQueues
from spaceport.hub.queues.routing import fields_of

__all__ = ["SpaceQueue", "SpaceQueues", "fields_of"]
