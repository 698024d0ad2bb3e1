"""Calls of Spaces as durable jobs of the hub (HUB.md, Lanes)."""

from spaceport.hub.lanes.lane import Lane, fields_of
from spaceport.hub.lanes.lanes import Lanes

__all__ = ["Lane", "Lanes", "fields_of"]
