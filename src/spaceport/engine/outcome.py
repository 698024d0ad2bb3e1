"""How a job may end: its states, the reason of a failure, and the outcome that its caller reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class State(str, Enum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    __hash__ = str.__hash__  # that of Enum is written in Python, and each call asks several times

    @property
    def final(self) -> bool:
        return self in FINAL


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no result. `message` is None when the author shows no errors to callers."""

    code: str
    message: str | None
    visible: bool = True
    duration_s: float | None = 10
    title: str = "Error"
    shown: bool = False
    """Whether the author raised it for the caller to see (an `Error`, a failed check), so that all fields travel."""


class Outcome(NamedTuple):
    """How a job ended. `data` is the encoded result, opaque to the engine; `duration_s` is how long it ran."""

    state: State
    data: bytes | bytearray | None = None
    failure: Failure | None = None
    duration_s: float = 0.0
    average_s: float | None = None
    changed: tuple[int, ...] = ()
    streamed: bool = False
    """Whether at least one output was published before the end."""
    cached: bool = False
    """Whether the result was cached, so that the function did not run."""
