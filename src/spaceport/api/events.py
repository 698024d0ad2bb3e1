"""Renders a job's updates as frames of a `call` stream (SSE events) or of a session's stream (Gradio's messages)."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from spaceport.engine import Ended, Failure, Job, LogLine, Outcome, Output, Progress, Queued, Started, State, Update
from spaceport.engine.updates import step
from spaceport.errors import FunctionFailed
from spaceport.wire import messages as m
from spaceport.wire.diff import Edit
from spaceport.wire.json import encode

_WHOLE_MAX = 256 << 10
GENERIC_ERROR = "The function failed. Its author's log has the reason."


def error_payload(failure: Failure | None, show_error: bool) -> m.ErrorPayload:
    """Gradio's error payload: all fields for an error that the author shows; others have a text with `show_error`."""
    if failure is None:
        return m.ErrorPayload(None)
    if failure.shown:
        return m.ErrorPayload(failure.message, failure.duration_s, failure.visible, failure.title)
    if show_error and failure.message is not None:
        return m.ErrorPayload(failure.message, visible=True)
    return m.ErrorPayload(None)


def frame(event: str, seq: int, data: bytes | bytearray) -> bytes:
    """Encode an SSE frame, with an id to resume after."""
    return b"event: %s\ndata: %s\nid: %d\n\n" % (event.encode(), data, seq)


class _Cursor:
    """Reads a job's log from a position on, and knows the output values at that position."""

    shows_ranks = True
    """Whether it renders the rank of a waiting job."""

    def __init__(self, job: Job, after: int = 0) -> None:
        self.job = job
        self.after = after
        self._done = False
        self.values: list[Any] | None = None
        self.shown = False
        if after:
            self.values = _values_at(job, after)
            self.shown = self.values is not None

    def done(self) -> bool:
        """Whether the end of the job has been read."""
        return self._done

    @property
    def ended(self) -> bool:
        """Whether the job has ended."""
        return self.job.state.final

    @property
    def unread(self) -> tuple[Job, ...]:
        """The job, until its end has been read."""
        return () if self._done else (self.job,)

    def read(self) -> bytes:
        """Render all updates since the last read; empty if there are none."""
        log = self.job.log
        if self.after >= log.seq:
            return b""
        chunks: list[bytes] = []
        if log.folded > self.after:
            self.values = log.base
            self.after = log.folded
            chunks.append(self.jump(log.folded))
        for seq, update in log.since(self.after):
            chunks.append(self.show(seq, update))
            self.after = seq
        return b"".join(chunks)

    def jump(self, seq: int) -> bytes:
        raise NotImplementedError

    def show(self, seq: int, update: Update) -> bytes:
        raise NotImplementedError

    def advance(self, update: Output) -> list[Any]:
        log = self.job.log
        newest = log.entries[-1] is update and log.values is not None
        self.values = log.values if newest else step(self.values, update)
        assert self.values is not None
        return self.values


def _values_at(job: Job, after: int) -> list[Any] | None:
    log = job.log
    values = log.base
    for seq, update in zip(log.seqs, log.entries, strict=True):
        if seq > after:
            break
        if isinstance(update, Output):
            values = step(values, update)
    return values


class Events(Enum):
    """What a call's stream contains: `RESULTS` only; `ALL`: also status, progress and log; `EDITS`: the same, but each
    output after the first as edits, and no outdated status; `MESSAGES`: the same as Gradio's messages of a session."""

    RESULTS = "results"
    ALL = "all"
    EDITS = "edits"
    MESSAGES = "messages"


class CallCursor(_Cursor):
    """Renders the events of `call`: `generating` (or `edits`), `complete`, `error`, `status`, `progress`, `log`."""

    def __init__(self, job: Job, after: int, *, events: Events, show_error: bool) -> None:
        super().__init__(job, after)
        self.events = events
        self.shows_ranks = events is not Events.RESULTS
        self.show_error = show_error

    def jump(self, seq: int) -> bytes:
        return frame("generating", seq, encode(self.values))

    def show(self, seq: int, update: Update) -> bytes:
        if isinstance(update, Output):
            if self.events is Events.EDITS and self.shown:
                return frame("edits", seq, encode(update.edits))
            self.shown = True
            return frame("generating", seq, encode(self.advance(update)))
        if isinstance(update, Ended):
            self._done = True
            return self._end(update.outcome, seq)
        if self.events is Events.RESULTS:
            return b""
        return self._show_rich(seq, update)

    def _end(self, outcome: Outcome, seq: int) -> bytes:
        if outcome.state is State.SUCCEEDED:
            return frame("complete", seq, outcome.data or b"[]")
        payload = msgspec.to_builtins(error_payload(outcome.failure, self.show_error))
        return frame("error", seq, encode({**payload, **error_facts(self.job, outcome)}))

    def _show_rich(self, seq: int, update: Update) -> bytes:
        if isinstance(update, Queued):
            if self.events is Events.EDITS and self.job.state is not State.QUEUED:
                return b""  # where it stood
            status = {"state": "queued", "rank": update.rank, "queue_size": update.size, "eta": update.eta_s}
        elif isinstance(update, Started):
            if self.events is Events.EDITS and self.job.state is State.SUCCEEDED:
                return b""  # its result says so
            status = {"state": "running", "attempt": update.attempt, "eta": update.eta_s}
        elif isinstance(update, Progress):
            return frame("progress", seq, encode(update.units))
        elif isinstance(update, LogLine):
            return frame("log", seq, encode({"level": update.level, "title": update.title, "log": update.text}))
        else:
            return b""
        return frame("status", seq, encode({"event_id": self.job.id, **status}))


def error_facts(job: Job, outcome: Outcome) -> dict[str, str | None]:
    """What programs need of a failed job beside Gradio's fields: its code, and the request id that the log has."""
    code = FunctionFailed.code if outcome.failure is None else outcome.failure.code
    return {"code": code, "request_id": job.request_id or None}


class SessionCursor(_Cursor):
    """Renders Gradio's messages of one job on `queue/data`, with edits after the first output.

    @gradio/client applies edits to the object that it gave to the program before: of steps that arrive together the
    program would see the last one several times. Such steps are therefore whole values, up to a total size.
    """

    titled = False
    """Whether the end of a failed generator has a title; on `queue/data` it has none, as Gradio's."""

    def __init__(self, job: Job, after: int = 0, *, show_error: bool, average_s: float | None) -> None:
        super().__init__(job, after)
        self.show_error = show_error
        self.average_s = average_s
        self._whole_left: int | None = None
        """Bytes of whole values that may still be written in this read; None before the first output of it."""

    def read(self) -> bytes:
        self._whole_left = None
        return super().read()

    def jump(self, seq: int) -> bytes:
        values = self.values or []
        data = [[["replace", [], value]] for value in values] if self.shown else values
        self.shown = True
        return self._generating(data, 0.0)

    def show(self, seq: int, update: Update) -> bytes:
        job_id = self.job.id
        if isinstance(update, Output):
            values = self.advance(update)
            data: Any = values
            if self.shown:
                together = self._whole_left is not None
                data = list(map(self._whole, update.edits, values)) if together else update.edits
            self.shown = True
            self._whole_left = _WHOLE_MAX if self._whole_left is None else self._whole_left
            return self._generating(data, update.at_s)
        if isinstance(update, Queued):
            return message(m.Estimation(job_id, update.rank, update.size, update.eta_s))
        if isinstance(update, Started):
            return message(m.ProcessStarts(job_id, update.eta_s))
        if isinstance(update, Progress):
            return message(m.Progress(job_id, [m.ProgressUnit(**unit) for unit in update.units]))
        if isinstance(update, LogLine):
            return message(m.Log(job_id, update.text, update.level, update.duration_s, update.visible, update.title))
        self._done = True
        return self._completed(update.outcome)

    def _whole(self, edits: tuple[Edit, ...], value: Any) -> Any:
        """Replace edits inside of a value by one that replaces it as a whole, while the size allows."""
        if all(not path for _, path, _ in edits):
            return edits
        whole = encode(value)
        self._whole_left = (self._whole_left or 0) - len(whole)
        return [["replace", [], msgspec.Raw(whole)]] if self._whole_left >= 0 else edits

    def _generating(self, data: Any, at_s: float) -> bytes:
        return message(m.ProcessGenerating(self.job.id, m.Output(data, True, at_s, self.average_s)))

    def _completed(self, outcome: Outcome) -> bytes:
        if outcome.state is State.SUCCEEDED:
            used = "full" if outcome.cached else None
            return message(
                m.ProcessCompleted(
                    self.job.id, _output(outcome), True, None, used, outcome.duration_s, outcome.average_s
                )
            )
        payload = error_payload(outcome.failure, self.show_error)
        title: str | None = payload.title if isinstance(payload.title, str) else "Error"
        if outcome.streamed and not self.titled:
            title = None
        facts = error_facts(self.job, outcome)
        end = m.CodedEnd(self.job.id, payload, False, title, code=facts["code"], request_id=facts["request_id"])
        return message(end)


class MessageCursor(SessionCursor):
    """Renders the same messages on the stream of one call, each with its id.

    Our clients, which read these, copy before they apply edits: steps that are written together stay edits.
    """

    titled = True

    def jump(self, seq: int) -> bytes:
        return b"id: %d\n" % seq + super().jump(seq)

    def show(self, seq: int, update: Update) -> bytes:
        self._whole_left = None
        return b"id: %d\n" % seq + super().show(seq, update)


class JobsCursor:
    """Reads the messages of several jobs as one cursor reads those of one."""

    shows_ranks = True

    def __init__(self, cursors: list[MessageCursor]) -> None:
        self._cursors = cursors

    def done(self) -> bool:
        return not self._cursors

    @property
    def ended(self) -> bool:
        return all(cursor.ended for cursor in self._cursors)

    @property
    def unread(self) -> list[Job]:
        return [cursor.job for cursor in self._cursors]

    def read(self) -> bytes:
        chunk = b"".join([cursor.read() for cursor in self._cursors])
        self._cursors = [cursor for cursor in self._cursors if not cursor.done()]
        return chunk


def direct_output(outcome: Outcome) -> m.Output:
    """The answer of `run/`, where Gradio calls any use of the cache partial."""
    output = _output(outcome)
    output.used_cache = "partial" if outcome.cached else None
    return output


def _output(outcome: Outcome) -> m.Output:
    return m.Output(
        msgspec.Raw(outcome.data or b"[]"),
        False,
        outcome.duration_s,
        outcome.average_s,
        None,
        list(outcome.changed),
    )


def message(value: m.Message) -> bytes:
    """Encode a frame of a session's stream: exactly `data: <json>`: gradio_client fails on anything else (§20)."""
    return b"data: " + encode(value) + b"\n\n"
