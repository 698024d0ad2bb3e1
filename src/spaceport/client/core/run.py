"""One call as seen by its caller: messages of either wire go in, updates and one end come out.

waiting ──► running ──► ended: a result or an error
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spaceport.client.core.endpoints import Endpoint
from spaceport.client.errors import AppError, JobCancelledError, JobLost, with_code
from spaceport.client.status import OutputUpdate, ProgressUnit, Status, StatusUpdate, Update
from spaceport.errors import SpaceportError
from spaceport.wire.diff import apply

_HIDDEN = (
    "The upstream app has raised an exception but has not enabled verbose error reporting. "
    "To enable, set show_error=True in launch()."
)
_DIFFS = frozenset({"sse_v2", "sse_v2.1", "sse_v3"})


class Run:
    """Takes Gradio's messages by `feed` or our events by `event`; both return the new updates, none after the end."""

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

    def feed(self, message: Mapping[str, Any]) -> list[Update]:
        """Take a message of a session's stream that belongs to this call. Unknown kinds are ignored."""
        kind = message.get("msg")
        output = message.get("output") or {}
        if kind == "estimation":
            waiting = message.get("rank"), message.get("queue_size"), message.get("rank_eta")
            return [StatusUpdate(Status.IN_QUEUE, *waiting)]
        if kind == "process_starts":
            return [StatusUpdate(Status.PROCESSING, eta=message.get("eta"))]
        if kind == "progress":
            return [_progress(message.get("progress_data") or [])]
        if kind == "log":
            return [StatusUpdate(Status.LOG, log=(str(message.get("log")), str(message.get("level"))))]
        if kind in ("process_generating", "process_streaming") and "data" in output:
            return self._step(output["data"], whole=kind == "process_streaming" or not self._diffs)
        if kind == "process_completed":
            return self._completed(message, output)
        if kind == "unexpected_error":
            return self.fail(JobLost(str(message.get("message") or "The server lost the job.")))
        return []

    def event(self, kind: str, data: Any) -> list[Update]:
        """Take an event of the call's own stream."""
        if kind == "status" and isinstance(data, dict):
            if data.get("state") == "queued":
                return [StatusUpdate(Status.IN_QUEUE, data.get("rank"), data.get("queue_size"), data.get("eta"))]
            return [StatusUpdate(Status.PROCESSING, eta=data.get("eta"))]
        if kind == "progress":
            return [_progress(data)]
        if kind == "log":
            return [StatusUpdate(Status.LOG, log=(str(data.get("log")), str(data.get("level"))))]
        if kind == "generating":
            return self._step(data, whole=True)
        if kind == "complete":
            return self._end(data)
        if kind == "error":
            return self.fail(_error(dict(data) if isinstance(data, dict) else {"error": data}))
        return []

    def fail(self, error: SpaceportError) -> list[Update]:
        """End without a result, unless it has ended already."""
        if self.ended:
            return []
        self.ended, self.error = True, error
        cancelled = isinstance(error, JobCancelledError)
        return [StatusUpdate(Status.CANCELLED if cancelled else Status.FINISHED, success=False)]

    def _step(self, data: list[Any], *, whole: bool) -> list[Update]:
        if whole or self._values is None:
            self._values = data
        else:
            self._values = [apply(old, edits) for old, edits in zip(self._values, data, strict=True)]
        self.steps += 1
        return [OutputUpdate(self._values), StatusUpdate(Status.ITERATING, success=True)]

    def _completed(self, message: Mapping[str, Any], output: Mapping[str, Any]) -> list[Update]:
        if not message.get("success", True) or "error" in output:
            return self.fail(_error({**output, "code": message.get("code"), "request_id": message.get("request_id")}))
        if "data" not in output:  # how Gradio ends a cancelled call
            return self.fail(JobCancelledError("The job was cancelled on the server."))
        return self._end(output["data"])

    def _end(self, data: list[Any]) -> list[Update]:
        if self.ended:
            return []
        self.ended, self.result = True, data
        return [OutputUpdate(data, final=True)]


def _progress(units: list[dict[str, Any]]) -> StatusUpdate:
    return StatusUpdate(Status.PROGRESS, progress_data=ProgressUnit.from_msg(units))


def _error(payload: dict[str, Any]) -> SpaceportError:
    code, request_id = payload.pop("code", None), payload.pop("request_id", None)
    return with_code(_uncoded(payload), code, request_id)


def _uncoded(payload: Mapping[str, Any]) -> SpaceportError:
    text = payload.get("error")
    if text is None:
        return AppError(_HIDDEN)
    if payload.get("title") == "Cancelled" and text == "The job was cancelled.":
        return JobCancelledError(str(text))
    if text == "404: Not Found":
        return JobLost("The server does not know this job, or no longer.")
    if text == "Server stopped unexpectedly.":
        return JobLost("The server stopped while the job ran.")
    return AppError(str(text), **{key: value for key, value in payload.items() if key != "error"})
