"""The names of `gradio_client.utils` that programs use."""

from __future__ import annotations

from spaceport.client.errors import QueueError, TooManyRequestsError
from spaceport.client.status import OutputUpdate, ProgressUnit, Status, StatusUpdate, Update

__all__ = [
    "OutputUpdate",
    "ProgressUnit",
    "QueueError",
    "Status",
    "StatusUpdate",
    "TooManyRequestsError",
    "Update",
]
