"""Examples as cards: with results that are kept, with a large picture, and plain."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

import spaceport as sp

space = sp.Space(title="Examples")
ran: list[str] = []

PICTURE = Path(tempfile.mkdtemp()) / "noise.png"
PIL.Image.fromarray(np.random.default_rng(1).integers(0, 255, (600, 900, 3), dtype=np.uint8)).save(PICTURE)


@space.api(examples=["slow and steady"], cache_examples=True)
def kept(text: str) -> str:
    """Its example ran when the Space started."""
    ran.append(text)
    return f"{text}: run {len(ran)}"


@space.api(inputs=[sp.Image(label="Picture"), sp.Textbox(label="Note")], examples=[[str(PICTURE), "in colour"]])
def picture(image: Any, note: str) -> str:
    """A picture as an example."""
    return f"{image.shape}: {note}"


if __name__ == "__main__":
    space.launch()
