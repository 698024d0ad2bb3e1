"""Sets up logging for servers: lines for people on a terminal, else JSON, each with the call that it belongs to."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

from spaceport.errors import RequestError
from spaceport.observe import tracing
from spaceport.settings import Settings
from spaceport.snippets.quoting import terminal
from spaceport.space.context import current


def configure(settings: Settings) -> None:
    """Set up Python's logging for this process. A program that embeds a Space keeps its own set-up."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(console=console))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())


class _Lines(logging.Formatter):
    """Makes structlog's formatter with the first line, because importing it takes a third of a server's start."""

    def __init__(self, *, console: bool) -> None:
        super().__init__()
        self._console = console
        self._made: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._made is None:
            self._made = _formatter(console=self._console)
        return self._made.format(record)


def _formatter(*, console: bool) -> logging.Formatter:
    import structlog

    shown: Any = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _facts,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([] if console else [structlog.processors.format_exc_info]),
            *([_harmless] if console else []),
            shown,
        ],
    )


def _harmless(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape what would control the terminal: a line may hold text of callers."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = terminal(value)
    return event


def traces(service: str) -> None:
    """Send traces if the environment asks for them (OTEL_*). Raises `RequestError` if what it takes is missing."""
    if not tracing.configured():
        return
    try:
        tracing.set_up(service)
    except ModuleNotFoundError as error:
        raise RequestError(
            f"OTEL_… asks for traces, and {error.name} is missing: install spaceport-hub[otel]."
        ) from None


def _facts(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the fields of the log record, and the call for which the code that logs is running."""
    call = current.get()
    if call is not None:
        event.update(call.log_fields)
    event.update(getattr(event["_record"], "facts", {}))
    return event
