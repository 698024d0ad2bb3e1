"""Endpoints of many kinds, for tests of the surface. Names and behaviour follow the golden scenarios."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Literal

import spaceport as sp

space = sp.Space(title="Basic")


@space.api
def greet(name: str) -> str:
    """Greets a person.

    Args:
        name: whom
    """
    return f"Hello {name}!"


@space.api
def add(a: int, b: int = 2) -> int:
    return a + b


@space.api
def pick(color: Literal["red", "blue"], words: Annotated[int, sp.Slider(1, 10)] = 5) -> str:
    return f"{color} {words}"


@space.api(concurrency_limit=None)
def count(word: str, n: int, pause: float = 0.02) -> Iterator[str]:
    text = ""
    for i in range(n):
        time.sleep(pause)
        text = f"{text} {word}{i}".strip()
        yield text


@space.api(concurrency_limit=None)
async def agen(n: int) -> AsyncIterator[list[list[int]]]:
    for i in range(n):
        await asyncio.sleep(0.01)
        yield [[0] * (n - i)] * 2


@space.api
def block(seconds: float) -> str:
    time.sleep(seconds)
    return "finished"


@space.api
async def ablock(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "finished"


@space.api
def value_error(x: str) -> str:
    raise ValueError("bad value: " + x)


@space.api
def shown_error(x: str) -> str:
    raise sp.Error("visible " + x, duration=5, title="Oops")


@space.api
def logs(x: str, progress=sp.Progress()) -> str:  # noqa: B008
    sp.Info("info text")
    sp.Warning("warning text", duration=3)
    for _ in progress.tqdm(range(4), desc="Loop"):
        time.sleep(0.1)
    return x


@space.api
def nan(x: str) -> float:
    return float("nan")


@space.api(time_limit=0.2)
async def limited(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "in time"


@space.api(visibility="private")
def secret(x: str) -> str:
    return x


@space.api(visibility="undocumented")
def undocumented(x: str) -> str:
    return x


@space.api(batch=True, max_batch_size=3)
def batch(words: str) -> str:
    time.sleep(0.2)
    return [f"{word} {len(words)}" for word in words]


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0


@space.api
def norm(point: Point) -> Point:
    return Point(point.x / 2, point.y / 2)


def total(x, state):
    return f"total={state + x}", state + x


_state = sp.State(0)
space.api(total, inputs=[sp.Number(label="x"), _state], outputs=[sp.Textbox(label="total"), _state])


@space.api(queue=False)
def direct(x: str) -> str:
    return "direct " + x


@space.api
def who(x: str, request: sp.Request) -> dict:
    return {"session": request.session_hash, "agent": request.headers.get("user-agent"), "user": request.username}


@space.api
def choose(kind: str, fine: bool) -> str:
    return f"{kind} {fine}"


def digits(age, name):
    return [sp.validate(age.isdigit(), "must be digits"), sp.validate(len(name) > 0, "name needed")]


space.api(
    lambda age, name: f"{name} is {age}",
    name="validated",
    inputs=["text", sp.Textbox(label="name")],
    outputs="text",
    validator=digits,
)
