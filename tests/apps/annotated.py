"""Files and tables by plain annotations."""

import tempfile
from pathlib import Path
from typing import BinaryIO

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

import spaceport as sp

space = sp.Space()


@space.api
def text(path: Path) -> str:
    return f"{type(path).__name__} {path.read_text()}"


@space.api
def count(data: bytes, more: bytes | None = None) -> int:
    return len(data) + len(more or b"")


@space.api
def first_line(file: BinaryIO) -> str:
    with file:
        return file.readline().decode()


@space.api
def sizes(paths: list[Path]) -> list[int]:
    return [path.stat().st_size for path in paths]


@space.api
async def doubled(path: Path, times: int = 2) -> Path:
    target = Path(tempfile.mkdtemp()) / f"{times}.txt"
    target.write_text(path.read_text() * times)
    return target


@space.api
def grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


@space.api
def rotated(table: pd.DataFrame) -> tuple[pd.DataFrame, Figure]:
    figure = Figure()
    figure.subplots().plot([1, 2])
    return table.T, figure


@space.api
def raw() -> bytes:
    return b"raw bytes"
