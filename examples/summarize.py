"""An extractive summarizer: streams the most central sentences of a text, the best first, in reading order.

Sentences are ranked as TextRank does (Mihalcea & Tarau, 2004): PageRank over the similarity of their words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import spaceport as sp

space = sp.Space(title="Summarizer", description="Finds the most central sentences of a text.")

_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "has",
        "have",
        "he",
        "her",
        "his",
        "i",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "she",
        "so",
        "that",
        "the",
        "their",
        "they",
        "this",
        "to",
        "was",
        "were",
        "which",
        "who",
        "will",
        "with",
        "you",
        "not",
        "had",
        "been",
        "would",
        "there",
        "what",
        "when",
        "we",
        "him",
        "all",
        "if",
        "no",
        "more",
        "than",
        "into",
        "can",
    ]
)


@space.api(concurrency_limit=4, retries=1)
def summarize(text: str, sentences: Annotated[int, sp.Slider(1, 20, step=1)] = 3) -> Iterator[str]:
    """Summarize a text by its most central sentences.

    Args:
        text: English prose of at least two sentences
        sentences: how many to keep
    """
    found = [s.strip() for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if len(s.split()) > 3]
    if len(found) < 2:
        raise sp.Error("Give a text of at least two sentences.")
    ranks = _ranks([Counter(w for w in re.findall(r"[a-z']+", s.lower()) if w not in _STOP) for s in found])
    best = sorted(range(len(found)), key=lambda i: ranks[i], reverse=True)[:sentences]
    for count in range(1, len(best) + 1):
        yield " ".join(found[i] for i in sorted(best[:count]))


def _ranks(bags: list[Counter[str]]) -> list[float]:
    """PageRank of each sentence in the graph of shared words; damping 0.85, 30 rounds."""
    size = len(bags)
    weight = [[_similarity(a, b) if a is not b else 0.0 for b in bags] for a in bags]
    out = [sum(row) or 1.0 for row in weight]
    rank = [1 / size] * size
    for _ in range(30):
        rank = [0.15 / size + 0.85 * sum(rank[j] * weight[j][i] / out[j] for j in range(size)) for i in range(size)]
    return rank


def _similarity(a: Counter[str], b: Counter[str]) -> float:
    shared = sum((a & b).values())
    return shared / (math.log(len(a) + 2) + math.log(len(b) + 2))


if __name__ == "__main__":
    space.launch()
