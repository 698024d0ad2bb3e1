"""`ChatInterface(fn)`: a chat over `fn(message, history)`; the server keeps the history of each session."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Literal

from spaceport.space.callables import doc_of, hints_of, is_asynchronous, is_generator, name_of, signature_of
from spaceport.space.components import get_component
from spaceport.space.components.chatbot import Chatbot
from spaceport.space.components.checkbox import Checkbox
from spaceport.space.components.json import JSON
from spaceport.space.components.multimodaltextbox import MultimodalTextbox
from spaceport.space.components.number import Number
from spaceport.space.components.state import State
from spaceport.space.components.textbox import Textbox
from spaceport.space.ignored import warn_ignored
from spaceport.space.signature import input_parameters
from spaceport.space.space import DEFAULT, Given, Space

TURN, LIKE = "_turn", "_like"
"""What the page's endpoints are called behind the chat's name; js/web/src/services/space.ts finds them by it."""


class ChatInterface(Space):
    """An endpoint `/chat`, which takes `message` and the additional inputs and returns the response.

    The page calls another, `/chat_turn`, which also takes the history: so an answer can be asked for again, a message
    edited, and a conversation continued after a restart.

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
        like: Callable[..., Any] | None = None,
        concurrency_limit: int | str | None = DEFAULT,
        time_limit: float | None = None,
        validator: Callable[..., Any] | None = None,
        **ignored: Any,
    ) -> None:
        """`examples`: messages, or rows of a message and additional inputs.

        `like(index, message, liked)`: called when a visitor of the page gives an answer a thumb up or down; `index` is
        its place in the conversation.

        Arguments of Gradio that have no effect here are named in a warning.
        """
        super().__init__(title or "Spaceport", description, mode="chat_interface")
        warn_ignored("ChatInterface", ignored, inspect.signature(ChatInterface).parameters)
        extra: Sequence[Any] = (
            additional_inputs if isinstance(additional_inputs, (list, tuple)) else [additional_inputs]
        )
        more = [get_component(one) for one in extra if one is not None]
        history = State([])
        name = api_name or "chat"
        message = textbox or (MultimodalTextbox(label="") if multimodal else Textbox(label=""))
        shared: dict[str, Any] = {
            "concurrency_limit": concurrency_limit,
            "concurrency_id": f"fn:{name}",
            "time_limit": time_limit,
            "validator": validator,
        }
        self.api(
            _with_history(fn),
            name=name,
            description=doc_of(fn) if api_description is None else api_description or "",
            inputs=[message, history, *more],
            outputs=[_Reply(label="Response"), history],
            visibility=api_visibility,
            examples=examples or (),
            **shared,
        )
        self.api(
            _with_given_history(fn),
            name=f"{name}{TURN}",
            description="",
            inputs=[message, Chatbot(label="History"), *more],
            outputs=[_Reply(label="Response")],
            visibility="undocumented",
            **shared,
        )
        if like is not None:
            self.api(
                like,
                name=f"{name}{LIKE}",
                inputs=[Number(label="Index", precision=0), JSON(label="Message"), Checkbox(label="Liked")],
                outputs=[],
                visibility="undocumented",
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


def _history(messages: Any) -> list[dict[str, Any]]:
    """The messages of a page's conversation in the form that the server's own history has."""
    found = []
    for message in messages or ():
        parts = [_file_part(part) for part in message["content"]]
        alone = len(parts) == 1 and parts[0].get("type", "text") == "text"
        found.append({"role": message["role"], "content": parts[0].get("text", "") if alone else parts})
    return found


def _file_part(part: dict[str, Any]) -> dict[str, Any]:
    return {"type": "file", "file": {"path": part["file"]["path"]}} if part.get("type") == "file" else part


Arguments = tuple[Sequence[Any], dict[str, Any]]


def _with_history(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the parameters of `fn` that returns the response and the new history."""
    inputs = _first_two(fn)

    def after(arguments: Sequence[Any], named: dict[str, Any], response: Any) -> Any:
        message, history = [named[one] if isinstance(one, str) else arguments[one] for one in inputs]
        said = {"role": "user", "content": _content(message)}
        return response, [*history, said, {"role": "assistant", "content": response}]

    return _around(fn, lambda arguments, named: (arguments, named), after)


def _with_given_history(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the parameters of `fn`, whose history comes from its caller as a `Chatbot` has it."""
    history = _first_two(fn)[1]

    def before(arguments: Sequence[Any], named: dict[str, Any]) -> Arguments:
        if isinstance(history, str):
            return arguments, {**named, history: _history(named[history])}
        return [_history(one) if at == history else one for at, one in enumerate(arguments)], named

    return _around(fn, before, lambda *made: made[-1])


def _around(
    fn: Callable[..., Any],
    before: Callable[[Sequence[Any], dict[str, Any]], Arguments],
    after: Callable[[Sequence[Any], dict[str, Any], Any], Any],
) -> Callable[..., Any]:
    """`fn` with its kind and its parameters; `before` makes its arguments, `after` its results."""
    wrapped: Callable[..., Any]
    if is_generator(fn) and is_asynchronous(fn):

        async def wrapped(*arguments: Any, **named: Any) -> AsyncIterator[Any]:
            given, by_name = before(arguments, named)
            async for response in fn(*given, **by_name):
                yield after(given, by_name, response)

    elif is_generator(fn):

        def wrapped(*arguments: Any, **named: Any) -> Iterator[Any]:
            given, by_name = before(arguments, named)
            for response in fn(*given, **by_name):
                yield after(given, by_name, response)

    elif is_asynchronous(fn):

        async def wrapped(*arguments: Any, **named: Any) -> Any:
            given, by_name = before(arguments, named)
            return after(given, by_name, await fn(*given, **by_name))

    else:

        def wrapped(*arguments: Any, **named: Any) -> Any:
            given, by_name = before(arguments, named)
            return after(given, by_name, fn(*given, **by_name))

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
