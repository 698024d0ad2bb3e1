"""The status and the outputs of a job, with gradio_client's names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class Status(Enum):
    """Stages of a job, in order: `Status.IN_QUEUE < Status.FINISHED`."""

    STARTING = "STARTING"
    JOINING_QUEUE = "JOINING_QUEUE"
    QUEUE_FULL = "QUEUE_FULL"
    IN_QUEUE = "IN_QUEUE"
    SENDING_DATA = "SENDING_DATA"
    PROCESSING = "PROCESSING"
    ITERATING = "ITERATING"
    PROGRESS = "PROGRESS"
    LOG = "LOG"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"

    def __lt__(self, other: Status) -> bool:
        order = list(Status)
        return order.index(self) < order.index(other)


@dataclass
class ProgressUnit:
    """One progress bar. `progress` is a fraction of 1, else `index` of `length`."""

    index: int | None = None
    length: int | None = None
    unit: str | None = None
    progress: float | None = None
    desc: str | None = None


@dataclass
class StatusUpdate:
    """The state of a job. `rank` 0 = next to run; `eta` seconds; `log` a pair (text, level)."""

    code: Status
    rank: int | None = None
    queue_size: int | None = None
    eta: float | None = None
    success: bool | None = None
    time: datetime | None = field(default_factory=datetime.now)
    progress_data: list[ProgressUnit] | None = None
    log: tuple[str, str] | None = None
    type: str = "status"


@dataclass
class OutputUpdate:
    """One output of a job; `final` marks the result."""

    outputs: Any
    success: bool = True
    type: str = "output"
    final: bool = False


Update = StatusUpdate | OutputUpdate
