"""`ChatInterface(fn)`: a chat from `fn(message, history)`, whose history the session keeps."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from spaceport.space.components import get_component
from spaceport.space.components.json import JSON
from spaceport.space.components.multimodaltextbox import MultimodalTextbox
from spaceport.space.components.state import State
from spaceport.space.components.textbox import Textbox
from spaceport.space.space import DEFAULT, Given, Space


class ChatInterface(Space):
    """One endpoint, `/chat`: takes `message` and the additional inputs, returns the response.

    Send a `session_hash` (the clients do) and the history goes on from call to call. With `multimodal` the message is
    `{"text", "files"}`, and the history has its files as parts beside the text.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        title: str | None = None,
        description: str | None = None,
        api_name: str | None = None,
        multimodal: bool = False,
        additional_inputs: Given | Sequence[Given] | None = None,
        concurrency_limit: int | str | None = DEFAULT,
        time_limit: float | None = None,
        **_: Any,
    ) -> None:
        super().__init__(title or "Spaceport", description, mode="chat_interface")
        extra: Sequence[Any] = (
            additional_inputs if isinstance(additional_inputs, (list, tuple)) else [additional_inputs]
        )
        more = [get_component(one) for one in extra if one is not None]
        history = State([])
        self.api(
            _with_history(fn),
            name=api_name or "chat",
            description=inspect.getdoc(fn) or "",
            inputs=[MultimodalTextbox(label="") if multimodal else Textbox(label=""), history, *more],
            outputs=[_Reply(label="Response"), history],
            concurrency_limit=concurrency_limit,
            time_limit=time_limit,
        )


class _Reply(JSON):
    """A response as the function gave it: text stays text."""

    @property
    def type_name(self) -> str:
        return "json"

    def to_wire(self, value: Any) -> Any:
        return value


def _content(message: Any) -> Any:
    """A message as the history keeps it: text, or parts if it has files."""
    if not isinstance(message, dict):
        return message
    files = [{"type": "file", "file": {"path": path}} for path in message["files"]]
    return [*files, {"type": "text", "text": message["text"]}] if files else message["text"]


def _with_history(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function over (message, history, …) that returns the response and the new history."""

    def after(history: list[Any], message: Any, response: Any) -> list[Any]:
        return [*history, {"role": "user", "content": _content(message)}, {"role": "assistant", "content": response}]

    wrapped: Callable[..., Any]
    if inspect.isasyncgenfunction(fn):

        async def wrapped(message: Any, history: Any, *more: Any) -> AsyncIterator[Any]:
            async for response in fn(message, history, *more):
                yield response, after(history, message, response)

    elif inspect.isgeneratorfunction(fn):

        def wrapped(message: Any, history: Any, *more: Any) -> Iterator[Any]:
            for response in fn(message, history, *more):
                yield response, after(history, message, response)

    elif inspect.iscoroutinefunction(fn):

        async def wrapped(message: Any, history: Any, *more: Any) -> Any:
            response = await fn(message, history, *more)
            return response, after(history, message, response)

    else:

        def wrapped(message: Any, history: Any, *more: Any) -> Any:
            response = fn(message, history, *more)
            return response, after(history, message, response)

    wrapped.__name__ = getattr(fn, "__name__", "chat")
    signature = inspect.signature(fn).replace(return_annotation=inspect.Signature.empty)
    setattr(wrapped, "__signature__", signature)  # noqa: B010  the names of the author's parameters
    return wrapped
