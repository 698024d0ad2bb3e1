"""A themed chat for tests/web: code and formulas, thumbs that reach the author, an additional input."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import spaceport as sp

THUMBS: list[str] = []
CODE = "Look:\n\n```python\ndef f(x):\n    return x + 1\n```\n\nand $x^2$."


def reply(message: str, history: list[dict[str, Any]], loud: bool = False) -> Iterator[str]:
    """Says what it heard."""
    if message == "code":
        yield CODE
        return
    if message == "thumbs":
        yield ", ".join(THUMBS)
        return
    if message.startswith("slow"):
        for count in range(1, 200):
            time.sleep(0.05)
            yield "word " * count
        return
    said = [turn["content"] for turn in history if turn["role"] == "user"]
    answer = f"{message} after {said}"
    yield answer.upper() if loud else answer


def like(index: int, message: str, liked: bool) -> None:
    THUMBS.append(f"{index} {message} {liked}")


space = sp.ChatInterface(
    reply,
    title="Parrot",
    description="It says what you say.",
    examples=["hello", "code"],
    additional_inputs=sp.Checkbox(label="Loud"),
    like=like,
)
space.theme(accent="#0e7490", emoji="🦜", mode="dark", variables={"--radius": "4px"})

if __name__ == "__main__":
    space.launch()
