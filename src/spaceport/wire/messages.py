"""Messages of the `queue/data` stream, with every field that Gradio sends, in Gradio's order (gradio-wire §8)."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Message(msgspec.Struct, tag_field="msg"):
    """A message. `event_id` is the job's id, or null for messages about the stream itself."""

    event_id: str | None


class Estimation(Message, tag="estimation"):
    rank: int | None
    queue_size: int
    rank_eta: float | None


class ProcessStarts(Message, tag="process_starts"):
    eta: float | None


class ProgressUnit(msgspec.Struct):
    """A progress bar. `index` and `length` count `unit`s; `progress` is a fraction of 1 where nothing is counted."""

    index: int | float | None = None
    length: int | float | None = None
    unit: str | None = None
    progress: float | None = None
    desc: str | None = None


class Progress(Message, tag="progress"):
    progress_data: list[ProgressUnit]


class Log(Message, tag="log"):
    log: str
    level: str
    duration: float | None
    visible: bool
    title: str


class Output(msgspec.Struct):
    """The values of a step or of a job's end. `duration` is in seconds."""

    data: Any
    is_generating: bool | None
    duration: float
    average_duration: float | None
    render_config: None = None
    changed_state_ids: list[int] = []
    used_cache: str | None = None


class ErrorPayload(msgspec.Struct, omit_defaults=True):
    """The error of a failed job, with exactly Gradio's keys: gradio_client rejects any other (gradio-wire §20)."""

    error: str | None
    duration: float | msgspec.UnsetType | None = msgspec.UNSET
    visible: bool | msgspec.UnsetType = msgspec.UNSET
    title: str | msgspec.UnsetType = msgspec.UNSET


class ProcessGenerating(Message, tag="process_generating"):
    output: Output
    success: bool = True
    time_limit: float | None = None


class ProcessCompleted(Message, tag="process_completed"):
    output: Output | ErrorPayload
    success: bool
    title: str | None = None
    used_cache: str | None = None
    cache_duration: float | None = None
    avg_time: float | None = None


class CodedEnd(ProcessCompleted, tag="process_completed"):
    """The end of a failed job, with the error's code (docs/errors.md) and the request id, which the log has, too."""

    code: str | None = None
    request_id: str | None = None


class Heartbeat(Message, tag="heartbeat"):
    event_id: str | None = None


class CloseStream(Message, tag="close_stream"):
    event_id: str | None = None


class UnexpectedError(Message, tag="unexpected_error"):
    event_id: str | None
    message: str
    session_not_found: bool
    success: bool = False
    code: str | None = None
    """The error's code (docs/errors.md), which Gradio's message has not."""


class EventId(msgspec.Struct):
    """The response to an accepted call."""

    FIELD: ClassVar[str] = "event_id"
    event_id: str
