"""Compares the meaning of sentences with the MiniLM sentence model."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Annotated

from models.minilm import MiniLM

import spaceport as sp

space = sp.Space(title="Sentence similarity", description="Compares and ranks sentences by their meaning.")


@dataclasses.dataclass
class Match:
    sentence: str
    score: float


@cache
def model() -> MiniLM:
    """The model. It is loaded with the first call, so that the server starts at once."""
    return MiniLM()


@space.api
def similarity(
    first: Annotated[str, sp.Textbox(placeholder="A cat sits on the mat")],
    second: Annotated[str, sp.Textbox(placeholder="A kitten rests on a rug")],
) -> float:
    """Compute the cosine similarity of two sentences: 1 is the same meaning, about 0 is unrelated."""
    one, other = model().encode([first, second])
    return round(float(one @ other), 4)


@space.api
def rank(query: str, sentences: list[str], top: Annotated[int, sp.Slider(1, 100, step=1)] = 5) -> list[Match]:
    """Find the sentences that are nearest to a query, the best first."""
    if not sentences:
        raise sp.Error("Give at least one sentence to rank.")
    question, *rows = model().encode([query, *sentences])
    scores = [float(row @ question) for row in rows]
    best = sorted(zip(scores, sentences, strict=True), key=lambda pair: -pair[0])[:top]
    return [Match(sentence, round(score, 4)) for score, sentence in best]


if __name__ == "__main__":
    space.launch()
