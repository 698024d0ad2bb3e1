"""One call as seen by its caller: messages of either wire go in, updates and one end come out.

waiting ──► running ──► ended: a result or an error
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spaceport.client.core.endpoints import Endpoint
from spaceport.client.errors import AppError, JobCancelledError, JobLost, ServerError, with_code
from spaceport.client.status import OutputUpdate, ProgressUnit, Status, StatusUpdate, Update
from spaceport.errors import SpaceportError
from spaceport.wire import events
from spaceport.wire.diff import InvalidEdits, apply

_HIDDEN = (
    "The upstream app has raised an exception but has not enabled verbose error reporting. "
    "To enable, set show_error=True in launch()."
)
_DIFFS = frozenset({"sse_v2", "sse_v2.1", "sse_v3"})


class Run:
    """Takes Gradio's messages by `feed` or our events by `event`; both return the new updates, none after the end.

    A malformed message ends the call with a `ServerError`.
    """

    def __init__(self, endpoint: Endpoint, protocol: str) -> None:
        self.endpoint = endpoint
        self.ended = False
        self.result: Any = None
        """The raw output values, when it ended well."""
        self.error: SpaceportError | None = None
        self.steps = 0
        """The number of outputs before the end."""
        self._diffs = protocol in _DIFFS
        self._values: list[Any] | None = None

    def feed(self, message: events.Message) -> list[Update]:
        """Take a message of a session's stream that belongs to this call."""
        return self._take(lambda: message.decode(edits=self._diffs and self._values is not None))

    def event(self, kind: str, data: str, *, resumes: bool) -> list[Update]:
        """Take an event of the call's own stream. `resumes`: a server that stops does not end the call, which lives on
        in its journal."""

        def read() -> events.Event | None:
            event = events.decode(kind, data)
            stopped = isinstance(event, events.Lost) and event.text == events.STOPPED
            return None if stopped and resumes else event

        return self._take(read)

    def fail(self, error: SpaceportError) -> list[Update]:
        """End without a result, unless it has ended already."""
        if self.ended:
            return []
        self.ended, self.error = True, error
        cancelled = isinstance(error, JobCancelledError)
        return [StatusUpdate(Status.CANCELLED if cancelled else Status.FINISHED, success=False)]

    def _take(self, read: Callable[[], events.Event | None]) -> list[Update]:
        if self.ended:
            return []
        try:
            event = read()
            return [] if event is None else self._updates(event)
        except (events.MalformedMessage, InvalidEdits) as error:
            return self.fail(ServerError(f"The server sent a malformed message: {error}"))

    def _updates(self, event: events.Event) -> list[Update]:
        if isinstance(event, events.Output):
            return self._step(event.values)
        if isinstance(event, events.Edits):
            before = self._values or []
            if len(before) != len(event.edits):
                raise InvalidEdits(f"There are {len(before)} outputs, and edits for {len(event.edits)}.")
            return self._step([apply(old, edits) for old, edits in zip(before, event.edits, strict=True)])
        if isinstance(event, events.Completed):
            self.ended, self.result = True, event.values
            return [OutputUpdate(event.values, final=True)]
        if isinstance(event, events.Failed):
            return self.fail(with_code(_error(event), event.code, event.request_id))
        if isinstance(event, events.Cancelled):
            return self.fail(JobCancelledError("The job was cancelled on the server."))
        if isinstance(event, events.Lost):
            return self.fail(with_code(JobLost(_reason(event)), event.code))
        return [_status(event)]

    def _step(self, values: list[Any]) -> list[Update]:
        self._values = values
        self.steps += 1
        return [OutputUpdate(values), StatusUpdate(Status.ITERATING, success=True)]


def _status(event: events.Queued | events.Started | events.Progress | events.Log) -> StatusUpdate:
    if isinstance(event, events.Queued):
        return StatusUpdate(Status.IN_QUEUE, event.rank, event.size, event.eta_s)
    if isinstance(event, events.Started):
        return StatusUpdate(Status.PROCESSING, eta=event.eta_s)
    if isinstance(event, events.Progress):
        return StatusUpdate(Status.PROGRESS, progress_data=[ProgressUnit(**unit) for unit in event.units])
    return StatusUpdate(Status.LOG, log=(event.text, event.level))


def _reason(event: events.Lost) -> str:
    if event.session_unknown:
        return "The server does not know this job's session any more: it was restarted, or dropped the job."
    if event.text == events.UNKNOWN_JOB:
        return "The server does not know this job, or no longer."
    return event.text or "The server lost the job."


def _error(event: events.Failed) -> SpaceportError:
    if event.text is None:
        return AppError(_HIDDEN)
    if event.title == "Cancelled" and event.text == "The job was cancelled.":
        return JobCancelledError(event.text)
    error = AppError(event.text, event.duration_s, event.visible, event.title)
    error.print_exception = event.more.pop("print_exception", True)
    error.more = event.more
    return error
