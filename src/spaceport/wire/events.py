"""What the messages of event streams mean: the one place that reads them.

Two wires say the same: the stream of a call (ours: an SSE event's name and data, `decode`), and the stream of a session
in Gradio's queue (JSON objects for several calls: `parse`, then `Message.decode`; gradio-wire §8). Both give the
classes below, with checked fields; None is a message without a meaning for the call, such as a heartbeat or one of an
unknown kind. `api.events` writes the same messages. The client imports this module: msgspec is loaded with the first
message.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from spaceport.wire.diff import Edit

if TYPE_CHECKING:
    import msgspec

COMPLETE = "complete"
CLOSE = "close_stream"
UNEXPECTED = "unexpected_error"
"""Kinds of messages that their readers ask for by name."""
STOPPED = "Server stopped unexpectedly."
UNKNOWN_JOB = "404: Not Found"
"""Texts in place of an error's fields: the server has lost the call, or does not know it (gradio-wire §7)."""
MAX_UNITS = 100
"""How many progress bars one message may have; the rest is left out."""
MAX_LABEL = 1000
"""Characters of a title, a level or a bar's description; the rest is left out."""
_CODE = re.compile(r"[a-z0-9_]{1,64}")


class MalformedMessage(ValueError):
    """A message is not JSON, or a field has another type than it should."""


class Queued(NamedTuple):
    """The call waits. `rank` 0 = next to start; `eta_s` seconds to the result, if that is known."""

    rank: int | None
    size: int | None
    eta_s: float | None


class Started(NamedTuple):
    eta_s: float | None


class Output(NamedTuple):
    """One step's values, whole."""

    values: list[Any]


class Edits(NamedTuple):
    """One step: for each output the edits against the step before (wire.diff)."""

    edits: tuple[tuple[Edit, ...], ...]


class Progress(NamedTuple):
    """`units` has a dict for each bar, with the fields of `messages.ProgressUnit`."""

    units: tuple[dict[str, Any], ...]


class Log(NamedTuple):
    text: str
    level: str
    duration_s: float | None
    visible: bool
    title: str


class Completed(NamedTuple):
    """The result. `changed`: the ids of states that the call has changed."""

    values: list[Any]
    changed: tuple[int, ...] = ()


class Failed(NamedTuple):
    """The call ended with an error. `text` is None where the app hides it."""

    text: str | None
    code: str | None
    request_id: str | None
    duration_s: float | None
    visible: bool
    title: str
    shown: bool
    """Whether the author shows the error: only then has it a title of its own."""
    more: dict[str, Any]
    """Fields that are not known here."""


class Cancelled(NamedTuple):
    """The call was cancelled (how Gradio ends one)."""


class Lost(NamedTuple):
    """The server has lost the call. `text` is what it says, empty for nothing."""

    text: str
    session_unknown: bool = False
    """Whether it does not know the call's session, or no longer."""
    code: str | None = None


Event = Queued | Started | Output | Edits | Progress | Log | Completed | Failed | Cancelled | Lost


class Message(NamedTuple):
    """A message of a session's stream, whose fields are not checked yet. `event_id` is None for one about no call."""

    kind: str
    event_id: str | None
    fields: dict[str, Any]

    def decode(self, *, edits: bool) -> Event | None:
        """`edits`: steps are edits now, as they are after the call's first one. Raises `MalformedMessage`."""
        read = _MESSAGES.get(self.kind)
        return None if read is None else read(self.fields, edits)


def parse(text: str) -> Message:
    """A message of a session's stream. Raises `MalformedMessage` for what is not a JSON object."""
    fields = _load(text)
    if type(fields) is not dict:
        raise MalformedMessage("The message is not a JSON object.")
    kind, event_id = fields.get("msg"), fields.get("event_id")
    return Message(kind if type(kind) is str else "", event_id if type(event_id) is str else None, fields)


def decode(kind: str, text: str) -> Event | None:
    """An event of a call's own stream, by its name and data. Raises `MalformedMessage`."""
    if kind == "edits":
        import msgspec

        try:
            return Edits(_edits_decoder().decode(text))
        except (msgspec.DecodeError, RecursionError) as error:
            raise MalformedMessage(f"The edits are malformed: {error}") from None
    read = _EVENTS.get(kind)
    return None if read is None else read(_load(text))


def _load(text: str) -> Any:
    """JSON, also with what only Python's own encoder writes: NaN, Infinity and halves of characters."""
    import msgspec

    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        pass
    except RecursionError:
        raise MalformedMessage("The message nests too deep.") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedMessage(f"The message is not JSON: {text[:100]!r}") from None


# Fields


_Edits = tuple[tuple[tuple[Literal["replace", "append", "add", "delete"], tuple[str | int, ...], Any], ...], ...]


@functools.cache
def _edits_decoder() -> msgspec.json.Decoder[Any]:
    import msgspec

    return msgspec.json.Decoder(_Edits)


def _object(value: Any, what: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise MalformedMessage(f"{what} is not an object.")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if type(value) is not list:
        raise MalformedMessage(f"{what} is not a list.")
    return value


def _number(fields: Mapping[str, Any], name: str, default: float | None = None) -> float | None:
    value = fields.get(name, default)
    if value is None or type(value) is float or type(value) is int:
        return value
    raise MalformedMessage(f"`{name}` is not a number.")


def _whole(fields: Mapping[str, Any], name: str) -> int | None:
    value = _number(fields, name)
    if value is None or type(value) is int:
        return value
    if not math.isfinite(value):
        raise MalformedMessage(f"`{name}` is not a whole number.")
    return int(value)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    """A text; authors also give numbers where one is due."""
    value = fields.get(name)
    if value is None or type(value) is str:
        return value
    if isinstance(value, (int, float)):
        with contextlib.suppress(ValueError):  # thousands of digits
            return str(value)
    raise MalformedMessage(f"`{name}` is not a text.")


def _label(fields: Mapping[str, Any], name: str) -> str | None:
    value = _text(fields, name)
    return None if value is None else value[:MAX_LABEL]


def code_of(fields: Mapping[str, Any]) -> str | None:
    """The code of an error; None for what is none."""
    code = fields.get("code")
    return code if type(code) is str and _CODE.fullmatch(code) else None


def _edits(value: Any) -> Edits:
    import msgspec

    try:
        return Edits(msgspec.convert(value, _Edits))
    except (msgspec.ValidationError, RecursionError) as error:
        raise MalformedMessage(f"The edits are malformed: {error}") from None


def _unit(value: Any) -> dict[str, Any]:
    fields = _object(value, "A progress bar")
    return {
        "index": _number(fields, "index"),
        "length": _number(fields, "length"),
        "unit": _label(fields, "unit"),
        "progress": _number(fields, "progress"),
        "desc": _label(fields, "desc"),
    }


def _progress(units: Any) -> Progress:
    return Progress(tuple(_unit(one) for one in _list(units, "The progress")[:MAX_UNITS]))


def _log(fields: Mapping[str, Any]) -> Log:
    text = _text(fields, "log")
    if text is None:
        raise MalformedMessage("`log` is missing.")
    level = _label(fields, "level") or "info"
    title = _label(fields, "title") or level.title()
    return Log(text, level, _number(fields, "duration", 10), bool(fields.get("visible", True)), title)


_ERROR_FIELDS = frozenset({"error", "code", "request_id", "duration", "visible", "title"})


def _failed(fields: Mapping[str, Any], message: Mapping[str, Any]) -> Failed:
    """`fields` are the error's; code, request id and another title may stand beside it in its message."""
    request_id = message.get("request_id")
    return Failed(
        _text(fields, "error"),
        code_of(message),
        request_id if type(request_id) is str else None,
        _number(fields, "duration", 10),
        bool(fields.get("visible", True)),
        _label(fields, "title") or _label(message, "title") or "Error",
        "title" in fields,
        {name: value for name, value in fields.items() if name not in _ERROR_FIELDS},
    )


# Events of a call's own stream


def _status(data: Any) -> Event | None:
    fields = _object(data, "The status")
    state = fields.get("state")
    if state == "queued":
        return Queued(_whole(fields, "rank"), _whole(fields, "queue_size"), _number(fields, "eta"))
    return Started(_number(fields, "eta")) if state == "running" else None


def _error(data: Any) -> Event:
    if type(data) is dict:
        return _failed(data, data)
    if data in (STOPPED, UNKNOWN_JOB):
        return Lost(data)
    return _failed({"error": data}, {})


_EVENTS: Mapping[str, Callable[[Any], Event | None]] = {
    "status": _status,
    "progress": _progress,
    "log": lambda data: _log(_object(data, "The log line")),
    "generating": lambda data: Output(_list(data, "The output")),
    COMPLETE: lambda data: Completed(_list(data, "The result")),
    "error": _error,
}

# Messages of a session's stream


def _generating(fields: Mapping[str, Any], edits: bool) -> Event | None:
    output = fields.get("output") or {}
    if "data" not in _object(output, "The output"):
        return None
    return _edits(output["data"]) if edits else Output(_list(output["data"], "The output"))


def _completed(fields: Mapping[str, Any]) -> Event:
    output = _object(fields.get("output") or {}, "The output")
    if not fields.get("success", True) or "error" in output:
        return _failed(output, fields)
    if "data" not in output:
        return Cancelled()
    changed = _list(output.get("changed_state_ids") or [], "`changed_state_ids`")
    if not all(type(one) is int for one in changed):
        raise MalformedMessage("`changed_state_ids` has something else than whole numbers.")
    return Completed(_list(output["data"], "The result"), tuple(changed))


_MESSAGES: Mapping[str, Callable[[Mapping[str, Any], bool], Event | None]] = {
    "estimation": lambda fields, _: Queued(
        _whole(fields, "rank"), _whole(fields, "queue_size"), _number(fields, "rank_eta")
    ),
    "process_starts": lambda fields, _: Started(_number(fields, "eta")),
    "progress": lambda fields, _: _progress(fields.get("progress_data") or []),
    "log": lambda fields, _: _log(fields),
    "process_generating": _generating,
    "process_streaming": lambda fields, _: _generating(fields, False),
    "process_completed": lambda fields, _: _completed(fields),
    UNEXPECTED: lambda fields, _: Lost(
        _label(fields, "message") or "", fields.get("session_not_found") is True, code_of(fields)
    ),
}
