"""A chat for tests/web/test_faults_chat.py: answers with a list, word by word and slowly."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import spaceport as sp


def reply(message: str, history: list[dict[str, Any]]) -> Iterator[str]:
    lines = [f"You said {message}, after {len(history)} turns:", "", "- one", "- two", "- three"]
    for end in range(1, len(lines) + 1):
        time.sleep(0.5 if message.startswith("slow") else 0.02)
        yield "\n".join(lines[:end])


space = sp.ChatInterface(reply, title="Lists")

if __name__ == "__main__":
    space.launch()
