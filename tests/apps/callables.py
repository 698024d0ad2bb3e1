"""Functions of every shape: keyword-only parameters, methods, partials, objects and classes."""

from __future__ import annotations

import asyncio
import functools

import spaceport as sp

space = sp.Space()


@space.api
def keyword(prompt: str, *, steps: int = 5) -> str:
    return f"{prompt} {steps}"


@space.api
def only_keywords(*, a: int, b: int = 2) -> int:
    return a * 10 + b


@space.api
async def async_keyword(prompt: str, *, steps: int = 5) -> str:
    await asyncio.sleep(0)
    return f"{prompt} {steps}"


@space.api
def stream(prompt: str, *, steps: int = 2):
    for number in range(steps):
        yield f"{prompt} {number}"


@space.api
async def async_stream(prompt: str, *, steps: int = 2):
    for number in range(steps):
        yield f"{prompt} {number}"


@space.api
def filled(prompt: str, *, request: sp.Request, steps: int = 5, progress=sp.Progress()) -> str:  # noqa: B008
    progress(0.5)
    return f"{prompt} {steps} {request.method}"


@space.api
def positional(a: int, /, b: int, *rest: int, c: int = 3, **more: int) -> str:
    return f"{a} {b} {rest} {c} {more}"


@space.api(batch=True)
def batched(text: list[str], *, n: list[int]) -> list[str]:
    return [one * times for one, times in zip(text, n, strict=True)]


def with_components(a, b=1, request: sp.Request = None, *, c=2):
    return f"{a} {b} {request.method} {c}"


space.api(with_components, inputs=["text"], outputs=["text"], name="gap")
space.api(with_components, inputs=["text", "text", "text"], outputs=["text"], name="full")
space.api(lambda *values: ",".join(values), inputs=["text", "text"], outputs=["text"], name="variadic")


class Model:
    """Multiplies."""

    def __init__(self, factor: int = 2) -> None:
        self.factor = factor

    def __call__(self, number: int) -> int:
        """Multiply a number."""
        return number * self.factor

    def method(self, number: int, *, plus: int = 1) -> int:
        return number * self.factor + plus

    @staticmethod
    def static(number: int) -> int:
        return -number

    @classmethod
    def named(cls, text: str) -> str:
        return f"{cls.__name__} {text}"


class Later:
    async def __call__(self, text: str) -> str:
        await asyncio.sleep(0)
        return text[::-1]


class Steps:
    def __call__(self, n: int):
        yield from map(str, range(n))


space.api(Model())
space.api(Model(3).method)
space.api(Model.static)
space.api(Model.named)
space.api(Later())
space.api(Steps())
space.api(functools.partial(keyword, steps=9), name="partial")
space.api(functools.partial(async_keyword, "always"), name="async_partial")
space.api(functools.partial(functools.partial(Model(5).method, plus=0)), name="nested")
space.api(str.upper, inputs=["text"], outputs=["text"], name="builtin")
space.api(functools.lru_cache(Model(7).method), name="cached")


class Talker:
    def __call__(self, message, history, *, style="plain", request: sp.Request = None):
        return f"{message} {len(history)} {style} {request.method}"


def answer(greeting, message, history):
    yield f"{greeting}"
    yield f"{greeting} {message} {len(history)}"


def request_first(request: sp.Request, message: str, history: list) -> str:
    return f"{request.method} {message} {len(history)}"


chats = {
    "object": sp.ChatInterface(Talker(), additional_inputs=[sp.Textbox("fancy")]),
    "partial": sp.ChatInterface(functools.partial(answer, "hello")),
    "request": sp.ChatInterface(request_first),
}
interface = sp.Interface(fn=Model(), inputs="number", outputs="number")
