"""Every error Spaceport raises on purpose, as one tree split by who must act.

    SpaceportError
      RequestError     the caller must change something
        InvalidInput 422 · Unauthenticated 401 · Forbidden 403 · NotFound 404 · Conflict 409 · TooLarge 413
      BusyError        wait, then try again; carries retry_after_s
        QueueFull 503 · QuotaExceeded 429 · RateLimited 429 · SpaceUnavailable 503 · StorageFull 507
      JobError         the job ended without a result
        FunctionFailed · JobCancelled · JobTimedOut · Interrupted · Poisoned · ReplicaLost · SessionLost
      TransportError   client side: no usable answer
        ConnectionLost · TimedOut · ProtocolViolation

A class fixes `code` (stable, what programs compare), `status` (HTTP) and `retryable`.
A bug in our own code is none of these: it is logged with its traceback and answered 500 with an id only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class SpaceportError(Exception):
    """Base of the tree. `message` is written for the person who has to act; it never holds a path or a secret."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class RequestError(SpaceportError):
    """The caller must change something before asking again."""

    code = "bad_request"
    status = 400


class InvalidInput(RequestError):
    """The body or an argument does not fit the endpoint. `problems` has one entry a fault (see `problem`)."""

    code = "invalid_input"
    status = 422

    def __init__(self, message: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class Unauthenticated(RequestError):
    code = "unauthenticated"
    status = 401


class Forbidden(RequestError):
    code = "forbidden"
    status = 403


class NotFound(RequestError):
    code = "not_found"
    status = 404


class Conflict(RequestError):
    code = "conflict"
    status = 409


class TooLarge(RequestError):
    code = "too_large"
    status = 413


class BusyError(SpaceportError):
    """Waiting helps. `retry_after_s` says how long, in seconds."""

    code = "busy"
    status = 503
    retryable = True

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueueFull(BusyError):
    code = "queue_full"


class QuotaExceeded(BusyError):
    code = "quota_exceeded"
    status = 429


class RateLimited(BusyError):
    code = "rate_limited"
    status = 429


class StorageFull(BusyError):
    """No room for a file: of the caller, of the Space, or on its disk."""

    code = "storage_full"
    status = 507


class SpaceUnavailable(BusyError):
    code = "space_unavailable"


class JobError(SpaceportError):
    """A job ended without a result."""

    code = "job_failed"


class FunctionFailed(JobError):
    code = "function_failed"


class JobCancelled(JobError):
    code = "cancelled"
    status = 409


class JobTimedOut(JobError):
    code = "timed_out"
    status = 504


class Interrupted(JobError):
    code = "interrupted"
    status = 503
    retryable = True


class Poisoned(JobError):
    """The process died each time it ran the call, as often as that may be tried."""

    code = "poisoned"


class ReplicaLost(JobError):
    code = "replica_lost"
    status = 503
    retryable = True


class SessionLost(JobError):
    code = "session_lost"
    status = 409


class TransportError(SpaceportError):
    """Client side: the server gave no usable answer."""

    code = "transport"
    status = 502


class ConnectionLost(TransportError):
    code = "connection_lost"
    retryable = True


class TimedOut(TransportError):
    code = "client_timed_out"
    status = 504
    retryable = True


class ProtocolViolation(TransportError):
    code = "protocol_violation"


def problem(parameter: str, message: str, kind: str, value: Any = None) -> dict[str, Any]:
    """One entry of a 422's `detail` list.

    It answers in two dialects at once: `type/loc/msg/input` is the framework's validation shape (gradio.md §1.1), and
    `__type__/is_valid/message/parameter_name` the validator shape, the only one whose text gradio_client shows.
    """
    shown = value if isinstance(value, (int, float, bool, type(None))) else str(value)[:200]
    return {
        "type": kind,
        "loc": ["body", parameter],
        "msg": message,
        "input": shown,
        "__type__": "validate",
        "is_valid": False,
        "message": message,
        "parameter_name": parameter,
    }
