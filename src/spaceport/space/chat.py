"""`ChatInterface(fn)`: a chat over `fn(message, history)`; the server keeps the history of each session."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Literal

from spaceport.space.callables import doc_of, hints_of, is_asynchronous, is_generator, name_of, signature_of
from spaceport.space.components import get_component
from spaceport.space.components.json import JSON
from spaceport.space.components.multimodaltextbox import MultimodalTextbox
from spaceport.space.components.state import State
from spaceport.space.components.textbox import Textbox
from spaceport.space.ignored import warn_ignored
from spaceport.space.signature import input_parameters
from spaceport.space.space import DEFAULT, Given, Space


class ChatInterface(Space):
    """One endpoint, `/chat`, which takes `message` and the additional inputs and returns the response.

    Calls with the same `session_hash` (the clients send one) share a history. With `multimodal` the message is
    `{"text", "files"}`, and the history holds its files as parts beside the text.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        title: str | None = None,
        description: str | None = None,
        api_name: str | None = None,
        api_description: str | Literal[False] | None = None,
        api_visibility: str = "public",
        multimodal: bool = False,
        textbox: Textbox | MultimodalTextbox | None = None,
        additional_inputs: Given | Sequence[Given] | None = None,
        examples: Sequence[Any] | None = None,
        concurrency_limit: int | str | None = DEFAULT,
        time_limit: float | None = None,
        validator: Callable[..., Any] | None = None,
        **ignored: Any,
    ) -> None:
        """`examples`: messages, or rows of a message and additional inputs, for the API's documents.

        Arguments of Gradio that have no effect here are named in a warning.
        """
        super().__init__(title or "Spaceport", description, mode="chat_interface")
        warn_ignored("ChatInterface", ignored, inspect.signature(ChatInterface).parameters)
        extra: Sequence[Any] = (
            additional_inputs if isinstance(additional_inputs, (list, tuple)) else [additional_inputs]
        )
        more = [get_component(one) for one in extra if one is not None]
        history = State([])
        self.api(
            _with_history(fn),
            name=api_name or "chat",
            description=doc_of(fn) if api_description is None else api_description or "",
            inputs=[textbox or (MultimodalTextbox(label="") if multimodal else Textbox(label="")), history, *more],
            outputs=[_Reply(label="Response"), history],
            concurrency_limit=concurrency_limit,
            time_limit=time_limit,
            visibility=api_visibility,
            validator=validator,
            examples=examples or (),
        )


class _Reply(JSON):
    """A response as the function returned it: text is not parsed as JSON."""

    @property
    def type_name(self) -> str:
        return "json"

    def to_wire(self, value: Any) -> Any:
        return value


def _content(message: Any) -> Any:
    """The content of a message in the history: its text, or a list of parts if it has files."""
    if not isinstance(message, dict):
        return message
    files = [{"type": "file", "file": {"path": path}} for path in message["files"]]
    return [*files, {"type": "text", "text": message["text"]}] if files else message["text"]


def _with_history(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the parameters of `fn` that returns the response and the new history."""
    inputs = _first_two(fn)

    def after(arguments: Sequence[Any], named: dict[str, Any], response: Any) -> list[Any]:
        message, history = [named[one] if isinstance(one, str) else arguments[one] for one in inputs]
        return [*history, {"role": "user", "content": _content(message)}, {"role": "assistant", "content": response}]

    wrapped: Callable[..., Any]
    if is_generator(fn) and is_asynchronous(fn):

        async def wrapped(*arguments: Any, **named: Any) -> AsyncIterator[Any]:
            async for response in fn(*arguments, **named):
                yield response, after(arguments, named, response)

    elif is_generator(fn):

        def wrapped(*arguments: Any, **named: Any) -> Iterator[Any]:
            for response in fn(*arguments, **named):
                yield response, after(arguments, named, response)

    elif is_asynchronous(fn):

        async def wrapped(*arguments: Any, **named: Any) -> Any:
            response = await fn(*arguments, **named)
            return response, after(arguments, named, response)

    else:

        def wrapped(*arguments: Any, **named: Any) -> Any:
            response = fn(*arguments, **named)
            return response, after(arguments, named, response)

    wrapped.__name__ = name_of(fn)
    signature = signature_of(fn).replace(return_annotation=inspect.Signature.empty)
    setattr(wrapped, "__signature__", signature)  # noqa: B010  the names of the author's parameters
    wrapped.__annotations__ = {name: hint for name, hint in hints_of(fn).items() if name != "return"}
    return wrapped


def _first_two(fn: Callable[..., Any]) -> list[int | str]:
    """Where the message and the history stand when `fn` is called: a position, or the name of a keyword-only one."""
    inputs = {parameter.name for parameter in input_parameters(fn)}
    places: list[int | str] = []
    for position, parameter in enumerate(signature_of(fn).parameters.values()):
        if parameter.kind is parameter.VAR_POSITIONAL:
            places += [position, position + 1]
        elif parameter.name in inputs:
            places.append(parameter.name if parameter.kind is parameter.KEYWORD_ONLY else position)
    if len(places) < 2:
        raise TypeError(f"{name_of(fn)}: a chat function takes the message and the history.")
    return places[:2]
