"""What a caller has to catch. Names that gradio_client has mean the same; all stand in the tree of spaceport.errors.

FunctionFailed    AppError (also ValueError)           the function raised: message, title, duration, visible
InvalidInput      ValidationError (also ValueError)    an argument was refused before there was a job
Unauthenticated   AuthenticationError (also ValueError)
NotFound          EndpointNotFound, SpaceNotFound (also ValueError)
QueueFull         QueueError                           try again in `retry_after_s`
RateLimited       TooManyRequestsError
SpaceUnavailable  SpaceNotRunning (also ValueError)    paused, failed, or never built: `stage`
JobCancelled      JobCancelledError (also concurrent.futures.CancelledError)
SessionLost       JobLost                              the server does not know the job, or no longer
ConnectionLost    ConnectionFailed (also ConnectionError)
TimedOut          RequestTimeout (also TimeoutError)
ProtocolViolation ServerError                          an answer that is none: `http_status`
"""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import Any

from spaceport import errors


def with_code(error: errors.SpaceportError, code: str | None, request_id: Any = None) -> errors.SpaceportError:
    """The error with the code and the request id that the server gave, where it gave them.

    The code says more than the class: an `AppError` of a job that a stopped server cut off has the code `interrupted`.
    """
    if code:
        error.code = code  # type: ignore[misc]
        error.retryable = errors.BY_CODE.get(code, type(error)).retryable  # type: ignore[misc]
    if isinstance(request_id, str):
        error.request_id = request_id
    return error


class AppError(errors.FunctionFailed, ValueError):
    """The function ended with an error. `message` is the author's text, or a hint when the server hides it."""

    def __init__(
        self,
        message: str = "Error raised.",
        duration: float | None = 10,
        visible: bool = True,
        title: str = "Error",
        print_exception: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.duration = duration
        self.visible = visible
        self.title = title
        self.print_exception = print_exception
        self.more = more
        """Fields that this client does not know."""


class ValidationError(errors.InvalidInput, ValueError):
    """Arguments were refused; `problems` is the server's list, one entry a fault."""


class AuthenticationError(errors.Unauthenticated, ValueError):
    """The server wants a login, or refused this one."""


class EndpointNotFound(errors.NotFound, ValueError):
    """The server has no such endpoint, or it is private."""


class SpaceNotFound(errors.NotFound, ValueError):
    """The hub has no such Space, or does not show it to you."""


class QueueError(errors.QueueFull):
    """The queue is full."""


class TooManyRequestsError(errors.RateLimited):
    """A rate limit was hit."""


class SpaceNotRunning(errors.SpaceUnavailable, ValueError):
    """The Space takes no calls. `stage` is the hub's word for why."""

    def __init__(self, message: str, stage: str | None = None) -> None:
        super().__init__(message)
        self.stage = stage


class JobCancelledError(errors.JobCancelled, CancelledError):
    """The job was cancelled, here or on the server."""


class JobLost(errors.SessionLost):
    """The job's end cannot be known any more."""


class ConnectionFailed(errors.ConnectionLost, ConnectionError):
    """No connection, or it broke before there was an answer. Not `sent`: the server cannot have seen the request."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class RequestTimeout(errors.TimedOut, TimeoutError):
    """No answer within the time limit."""


class ServerError(errors.ProtocolViolation):
    """An answer that the protocol does not have."""

    def __init__(self, message: str, http_status: int | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status
