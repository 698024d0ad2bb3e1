"""A chat in the manner of ELIZA (Weizenbaum, 1966), which turns the words of its visitor around. Answers stream."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import spaceport as sp

_RULES = [
    (r".*\bi need (.*)", "Why do you need {0}?"),
    (r".*\bi (?:am|'m) (.*)", "How long have you been {0}?"),
    (r".*\bi feel (.*)", "Do you often feel {0}?"),
    (r".*\bbecause (.*)", "Is that the real reason, that {0}?"),
    (r".*\bmy (\w+)(.*)", "Tell me more about your {0}."),
    (r".*\byou (.*)", "We were talking about you, not me. Why do you say that I {0}?"),
    (r".*\?$", "What do you think yourself?"),
]
_SWAP = {"i": "you", "me": "you", "my": "your", "am": "are", "you": "I", "your": "my", "mine": "yours"}


def reply(message: str, history: list[dict[str, Any]]) -> Iterator[str]:
    """Chat with Eliza. The answer streams word by word."""
    said = [turn["content"] for turn in history if turn["role"] == "user"]
    answer = _answer(message, said)
    words = answer.split()
    for count in range(1, len(words) + 1):
        time.sleep(0.03)
        yield " ".join(words[:count])


def _answer(message: str, said: list[str]) -> str:
    if message in said:
        return "You have said that before. What makes it so important?"
    text = message.strip().lower().rstrip(".!")
    for pattern, template in _RULES:
        found = re.fullmatch(pattern, text)
        if found:
            turned = [" ".join(_SWAP.get(word, word) for word in part.split()) for part in found.groups()]
            return template.format(*turned)
    return f"Earlier you said “{said[-1]}”. How does this belong together?" if said else "Please go on."


space = sp.ChatInterface(reply, title="Eliza")

if __name__ == "__main__":
    space.launch()
