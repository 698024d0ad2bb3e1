"""Messages from a running function to its caller: `Info`, `Warning`, `Success`, and `Error`, which ends the call."""

from __future__ import annotations

from spaceport.engine import LogLine
from spaceport.space.context import current


class Error(Exception):
    """Raise it to end the call with a message for the caller. `duration`: seconds it is shown, None: until closed."""

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
    _send(message, "info", duration, visible, title)


def Warning(  # noqa: N802, A001  Gradio's name
    message: str = "", duration: float | None = 10, visible: bool = True, title: str = "Warning"
) -> None:
    """Show the caller a warning while the call runs."""
    _send(message, "warning", duration, visible, title)


def Success(message: str = "", duration: float | None = 10, visible: bool = True, title: str = "Success") -> None:  # noqa: N802
    """Show the caller a success while the call runs."""
    _send(message, "success", duration, visible, title)


def _send(message: str, level: str, duration: float | None, visible: bool, title: str) -> None:
    call = current.get()
    if call is not None:
        call.log(LogLine(str(message), level, duration, visible, title))
