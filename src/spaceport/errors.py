"""Every error that Spaceport raises on purpose, as one tree split by who must act.

    SpaceportError
      RequestError     the caller must change something
        InvalidInput 422 · Unauthenticated 401 · Forbidden 403 · NotFound 404 · Conflict 409 · TooLarge 413 · …
      BusyError        wait, then try again; carries retry_after_s
        QueueFull 503 · QuotaExceeded 429 · RateLimited 429 · SpaceUnavailable 503 · StorageFull 507
      JobError         the job ended without a result
        FunctionFailed · JobCancelled · JobTimedOut · Interrupted · Poisoned · ReplicaLost · SessionLost
      TransportError   client side: no usable answer
        ConnectionLost · TimedOut · ProtocolViolation
      InternalError    a bug of the server's

This module is the only table of error codes. A class fixes `code` (stable, what programs compare), `status` (HTTP) and
`retryable`; the first line of its docstring says what happened, `action` what to do. docs/errors.md, the JavaScript
client's codes and the API page's table are generated from it (scripts/gen_docs.py, scripts/gen_error_codes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

MAX_PROBLEMS = 100
"""How many problems an answer lists; a body may have any number."""
_MAX_STEPS = 32
"""Steps of the path to a problem."""
_MAX_STEP = 100


class SpaceportError(Exception):
    """An error of no particular kind.

    Base of the tree. `message` is written for the person who has to act; it never holds a path or a secret.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    request_id: str | None = None
    """In a client: what the server's log has for the request, where the server said it."""
    action: ClassVar[str] = "Read the message."

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class RequestError(SpaceportError):
    """The request cannot be answered as it is."""

    code = "bad_request"
    status = 400
    action = "Change the request as the message says."


class InvalidInput(RequestError):
    """An argument is missing or does not fit the endpoint; nothing was called.

    `problems` has one entry for each fault (see `problem`), and a hundred at most.
    """

    code = "invalid_input"
    status = 422
    action = "Correct the arguments that the answer names."

    def __init__(self, message: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems[:MAX_PROBLEMS])


class MissingField(RequestError):
    """A field that Gradio's protocol requires is missing."""

    code = "missing_field"
    action = "Send the field that the message names."


class WrongCredentials(RequestError):
    """The login's user name or password is wrong. The status is 400, as Gradio's clients expect."""

    code = "wrong_credentials"
    action = "Log in with the right user name and password."


class ValidatorFailed(RequestError):
    """The Space's own check of the arguments raised an error."""

    code = "validator_failed"
    action = "Report it to the author of the Space."


class Unauthenticated(RequestError):
    """The Space or hub asks for a login or a token, or the one that was sent is not valid."""

    code = "unauthenticated"
    status = 401
    action = "Log in, or send a valid token."


class Forbidden(RequestError):
    """The caller may not do this."""

    code = "forbidden"
    status = 403
    action = "Ask somebody who may, or send the token of an account that may."


class NotFound(RequestError):
    """There is no such page, endpoint, job or Space, or the caller may not see it."""

    code = "not_found"
    status = 404
    action = "Check the name, and send the token of an account that may see it."


class MethodNotAllowed(RequestError):
    """The address does not take this HTTP method."""

    code = "method_not_allowed"
    status = 405
    action = "Use a method that the Allow header names."


class ClientGone(RequestError):
    """The request's body did not arrive completely or in time."""

    code = "client_gone"
    status = 408
    action = "Send the request again, without pauses in its body."


class Conflict(RequestError):
    """The request contradicts what is there: a name is taken, or the job has already ended."""

    code = "conflict"
    status = 409
    action = "Read the message; another name or another Idempotency-Key may help."


class TooLarge(RequestError):
    """The body or a file is larger than the server takes."""

    code = "too_large"
    status = 413
    action = "Send less, or ask the operator to raise the limit."


class Misdirected(RequestError):
    """The server does not answer for the request's Host header."""

    code = "misdirected"
    status = 421
    action = "Use the server's own address, or add the name to SPACEPORT_ALLOWED_HOSTS."


class BusyError(SpaceportError):
    """The server cannot take the request now.

    `retry_after_s` says how many seconds to wait.
    """

    code = "busy"
    status = 503
    retryable = True
    action = "Wait as long as Retry-After says, then try again."

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueueFull(BusyError):
    """As many calls wait as may wait, in all or of one caller."""

    code = "queue_full"


class QuotaExceeded(BusyError):
    """The caller's quota is used up."""

    code = "quota_exceeded"
    status = 429
    action = "Wait until the quota is filled again, or use an account with a larger one."


class RateLimited(BusyError):
    """The caller sends too many requests, or has too many streams open."""

    code = "rate_limited"
    status = 429


class StorageFull(BusyError):
    """There is no room for a file: of the caller, of the Space, or on its disk."""

    code = "storage_full"
    status = 507
    action = "Wait until older files expire, or ask the operator for more room."


class SpaceUnavailable(BusyError):
    """The Space is stopping, paused, or could not start."""

    code = "space_unavailable"


class JobError(SpaceportError):
    """The job ended without a result."""

    code = "job_failed"
    action = "Read the message."


class FunctionFailed(JobError):
    """The function raised an error."""

    code = "function_failed"
    action = "Read the message; where it is hidden, the author's log has it."


class JobCancelled(JobError):
    """The job was cancelled."""

    code = "cancelled"
    status = 409
    action = "Call again if that was not meant."


class JobTimedOut(JobError):
    """The function ran longer than its time limit, and was stopped."""

    code = "timed_out"
    status = 504
    action = "Ask for less work in one call: the same call would be stopped again."


class Interrupted(JobError):
    """The server stopped while the job ran."""

    code = "interrupted"
    status = 503
    retryable = True
    action = "Call again, or set retries so that the server does."


class Poisoned(JobError):
    """The process died each time it ran the call, as often as that may be tried."""

    code = "poisoned"
    action = "Change the arguments, or report it to the author of the Space."


class ReplicaLost(JobError):
    """The process that ran the job was lost."""

    code = "replica_lost"
    status = 503
    retryable = True
    action = "Call again."


class SessionLost(JobError):
    """The session's state, or the job itself, is no longer known to the server."""

    code = "session_lost"
    status = 409
    action = "Begin a new session, and call again."


class TransportError(SpaceportError):
    """The server gave no usable answer (found by a client or a gateway)."""

    code = "transport"
    status = 502
    action = "Try again later; if it stays, look at the server's log."


class ConnectionLost(TransportError):
    """There is no connection, or it broke (found by the client)."""

    code = "connection_lost"
    retryable = True
    action = "Try again; check the address and the network."


class TimedOut(TransportError):
    """No answer came within the client's own time limit (found by the client).

    This is not `timed_out`, which says that the function was stopped.
    """

    code = "client_timed_out"
    status = 504
    retryable = True
    action = "Try again, or allow more time."


class ProtocolViolation(TransportError):
    """The answer is not one of the protocol (found by the client)."""

    code = "protocol_violation"
    action = "Check that the address is a Space's."


class InternalError(SpaceportError):
    """A bug of the server's. The answer has a request_id; the traceback is in the server's log under it."""

    code = "internal"
    action = "Report it to the operator, with the request_id."


CLASSES: tuple[type[SpaceportError], ...] = tuple(
    found for found in vars().copy().values() if isinstance(found, type) and issubclass(found, SpaceportError)
)
"""The table: a class for each code, in the order of this file."""
BY_CODE = {found.code: found for found in CLASSES}
UNCODED_STATUS: dict[int, type[SpaceportError]] = {
    **{found.status: found for found in (InvalidInput, Unauthenticated, Forbidden, NotFound, Conflict, TooLarge)},
    **{found.status: found for found in (QueueFull, RateLimited, StorageFull, TimedOut)},
}
"""How a client reads the status of an answer without a code (Gradio's servers and proxies send none); the rest is
`ProtocolViolation`."""


def status_of(code: str) -> int:
    """The HTTP status of a code; 500 for a code that is not of this table."""
    return BY_CODE.get(code, SpaceportError).status


def problem(
    parameter: str, message: str, kind: str, value: Any = None, path: Sequence[str | int] = ()
) -> dict[str, Any]:
    """One entry of a 422's `detail` list.

    It answers in two dialects at once: `type/loc/msg/input` is the framework's validation shape (gradio-wire §1.1), and
    `__type__/is_valid/message/parameter_name` the validator shape, the only one whose text gradio_client shows.
    `path` leads to a place inside the parameter's value: it continues `loc`, and `message` begins with it.
    """
    parameter = parameter[:200]
    steps = [step[:_MAX_STEP] if isinstance(step, str) else step for step in path[:_MAX_STEPS]]
    place = ".".join(map(str, steps))
    shown = value if isinstance(value, (int, float, bool, type(None))) else str(value)[:200]
    return {
        "type": kind,
        "loc": ["body", parameter, *steps],
        "msg": message,
        "input": shown,
        "__type__": "validate",
        "is_valid": False,
        "message": f"{place}: {message}" if place else message,
        "parameter_name": parameter,
    }
