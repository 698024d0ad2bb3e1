"""What an executor makes of an attempt: a result, a cached result, or a failure that is worth another attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from spaceport.engine.outcome import Failure


class Result(NamedTuple):
    """A job's encoded result. `changed` are the ids of state components that got a new value."""

    data: bytes | bytearray
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CachedResult:
    """A result that is known before the job runs. `steps` are the values of each output before the last one; `size` is
    about their bytes."""

    steps: tuple[list[Any], ...]
    data: bytes
    size: int = 0


@dataclass(frozen=True, slots=True)
class Retryable:
    """An attempt without a result: the function failed, or the replica is gone or never took the call.

    A job that had not begun returns to the head of its queue. One that had begun runs again after a delay, as long as
    it has retries left; otherwise it ends with `failure`.
    """

    failure: Failure
    begun: bool
