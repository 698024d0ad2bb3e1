"""A Space for benchmarks/pages.py: 35 endpoints with forms of several kinds, and a table of any length."""

from __future__ import annotations

from typing import Any, Literal

import spaceport as sp

space = sp.Space(
    title="Field notes",
    description="Reads field notes, finds the names of species in them, and counts where each of them has been seen.",
)
_WORDS = ("heron", "willow", "badger", "sorrel", "kestrel", "foxglove", "otter", "yarrow")


def summarize(text: str, sentences: int = 3, style: Literal["plain", "formal", "terse"] = "plain") -> str:
    """Shortens notes to a few sentences, and keeps the names of places and species as they were written."""
    return f"{style} {sentences}: {text}"


def rows(count: int = 100_000) -> dict[str, Any]:
    """A table of observations, as many as are asked for."""
    data = [[at, _WORDS[at % 8], f"note {at * 7919 % count}", at * 0.25, at % 3 == 0] for at in range(count)]
    return {"headers": ["number", "species", "note", "weight", "seen"], "data": data}


space.api(summarize, examples=[["A heron stood at the mill.", 1, "terse"], ["Two otters, one badger.", 2, "plain"]])
space.api(rows, outputs=sp.Dataframe(label="Rows"))
for number in range(1, 34):
    space.api(summarize, name=f"summarize_{number}")

if __name__ == "__main__":
    space.launch()
