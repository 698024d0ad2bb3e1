"""What a running function can reach: progress, messages to the caller, its request, whether it was cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sized
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from spaceport.client import visitor
from spaceport.engine import Attempt, Flag, Job, LogLine

if TYPE_CHECKING:
    from spaceport.space.components.audio import Streamed
    from spaceport.space.files import Saver


@dataclass(slots=True, eq=False)
class CallContext:
    """The call that the current code runs for, or the batch of them."""

    attempt: Attempt
    jobs: list[Job]
    headers: tuple[tuple[bytes, bytes], ...]
    """Of the request that the (first) call came with."""
    loop: asyncio.AbstractEventLoop
    saver: Saver | None = None
    """Where files in its outputs go."""
    streams: dict[int, Streamed] | None = None
    """Audio that it is making, by component; None where nothing can be streamed."""

    def report(self, units: tuple[dict[str, Any], ...]) -> None:
        """From any thread."""
        for job in self.jobs:
            self.loop.call_soon_threadsafe(self.attempt.sink.progress, job, units)

    def tell(self, line: LogLine) -> None:
        """From any thread."""
        for job in self.jobs:
            self.loop.call_soon_threadsafe(self.attempt.sink.log, job, line)

    @property
    def cancelled(self) -> Flag:
        return self.attempt.cancelled

    @property
    def facts(self) -> dict[str, str]:
        """What a line in the log says of it: `job`, `endpoint`, `request_id`."""
        return facts_of(self.jobs[0])

    @property
    def visitor(self) -> str | None:
        """The `x-ip-token` that the call came with."""
        return next((value.decode("latin-1") for name, value in self.headers if name == b"x-ip-token"), None)


def facts_of(job: Job) -> dict[str, str]:
    """What a line in the log says of a job."""
    facts = {"job": job.id, "endpoint": job.endpoint, "request_id": job.request_id}
    return {key: value for key, value in facts.items() if value}


current: ContextVar[CallContext | None] = ContextVar("spaceport_running", default=None)


def _visitor() -> str | None:
    running = current.get()
    return None if running is None else running.visitor


visitor.sources.append(_visitor)


class Error(Exception):
    """Raise it to end the call with a message that the caller sees. `duration` in seconds, None: until closed."""

    def __init__(
        self,
        message: str = "Error raised.",
        duration: float | None = 10,
        visible: bool = True,
        title: str = "Error",
        *,
        print_exception: bool = True,
    ) -> None:
        super().__init__(message)
        self.message, self.duration, self.visible, self.title = message, duration, visible, title
        self.print_exception = print_exception


def Info(message: str = "", duration: float | None = 10, visible: bool = True, title: str = "Info") -> None:  # noqa: N802
    """Show the caller a message while the call runs."""
    _tell(message, "info", duration, visible, title)


def Warning(  # noqa: N802, A001  Gradio's name
    message: str = "", duration: float | None = 10, visible: bool = True, title: str = "Warning"
) -> None:
    """Show the caller a warning while the call runs."""
    _tell(message, "warning", duration, visible, title)


def Success(message: str = "", duration: float | None = 10, visible: bool = True, title: str = "Success") -> None:  # noqa: N802
    """Show the caller a success while the call runs."""
    _tell(message, "success", duration, visible, title)


def _tell(message: str, level: str, duration: float | None, visible: bool, title: str) -> None:
    running = current.get()
    if running is not None:
        running.tell(LogLine(str(message), level, duration, visible, title))


def cancelled() -> bool:
    """Whether nobody wants this call's result any more: a long plain function may look, and stop."""
    running = current.get()
    return running is not None and running.cancelled.is_set()


class Progress:
    """A parameter `progress=Progress()` reports progress: `progress(0.3)`, `progress((3, 10))`, `progress.tqdm(items)`.

    With `track_tqdm=True` the function's own tqdm bars are reported too.
    """

    def __init__(self, track_tqdm: bool = False) -> None:
        self.track_tqdm = track_tqdm
        self._units: list[dict[str, Any]] = []

    def __call__(
        self,
        progress: float | tuple[int, int | None] | None,
        desc: str | None = None,
        total: int | float | None = None,
        unit: str = "steps",
    ) -> None:
        """Report a fraction of 1, a pair (done, total), or None for "working"."""
        if isinstance(progress, tuple):
            own = _unit(progress[0], progress[1], unit, None, desc)
        else:
            own = _unit(None, total, unit, progress, desc)
        self._send([*self._units, own])

    def tqdm(
        self,
        iterable: Iterable[Any] | None,
        desc: str | None = None,
        total: int | float | None = None,
        unit: str = "steps",
    ) -> Iterator[Any]:
        """Iterate and report the position. Nested calls show as several trackers."""
        if iterable is None:
            return iter(())
        length = total if total is not None else len(iterable) if isinstance(iterable, Sized) else None
        return self._iterate(iterable, _unit(0, length, unit, None, desc))

    def _iterate(self, iterable: Iterable[Any], own: dict[str, Any]) -> Iterator[Any]:
        self._units.append(own)
        try:
            self._send(self._units)
            for index, item in enumerate(iterable):
                yield item
                own["index"] = index + 1
                self._send(self._units)
        finally:
            self._units.remove(own)

    def _send(self, units: list[dict[str, Any]]) -> None:
        running = current.get()
        if running is not None:
            running.report(tuple(dict(unit) for unit in units))


def _unit(index: Any, length: Any, unit: str, progress: float | None, desc: str | None) -> dict[str, Any]:
    return {"index": index, "length": length, "unit": unit, "progress": progress, "desc": desc}


class Client:
    """Where a request came from."""

    def __init__(self, host: str | None) -> None:
        self.host = host


class Request:
    """The HTTP request that made the call: a parameter annotated with it receives it."""

    def __init__(
        self,
        *,
        method: str,
        path: str,
        query: str,
        client: str | None,
        headers: Iterable[tuple[str, str]],
        root: str,
        username: str | None,
        session_hash: str | None,
    ) -> None:
        self.method = method
        self.path = path
        self.headers = dict(headers)
        self.query_params = dict(parse_qsl(query, keep_blank_values=True))
        self.client = Client(client)
        self.root = root
        self.url = f"{root}{path}" + (f"?{query}" if query else "")
        self.username = username
        self.session_hash = session_hash

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";") if "=" in part)
        return {name: value for name, _, value in pairs}


class EventData:
    """What triggered a page's event: `data` is the payload; `target` the component's id."""

    def __init__(self, target: int | None, data: Any) -> None:
        self.target = target
        self._data = data if isinstance(data, dict) else {}
        self.data = data

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._data:
            raise AttributeError(name)
        return self._data[name]


class Header(str):
    """A parameter annotated with it receives the request header of its name (`x_custom` → `x-custom`), or None."""

    __slots__ = ()


class OAuthToken(str):
    """A parameter annotated with it receives the `oauth_token` that the caller sent, or None. Never journalled."""

    __slots__ = ()
