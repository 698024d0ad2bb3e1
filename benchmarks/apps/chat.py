"""A chat for benchmarks/pages.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import spaceport as sp


def reply(message: str, history: list[dict[str, Any]]) -> Iterator[str]:
    """Answers word by word."""
    words = f"You said {message}, after {len(history)} turns.".split()
    for end in range(1, len(words) + 1):
        yield " ".join(words[:end])


space = sp.ChatInterface(
    reply,
    title="Ranger",
    description="Ask about the species of the valley, and where they have been seen this year.",
    examples=["Where do herons nest?", "What eats sorrel?"],
)

if __name__ == "__main__":
    space.launch()
