"""Small pictures of the images in an endpoint's examples, made once when the Space is loaded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from spaceport.space.components.image import opened
from spaceport.space.errors import ValueRejected
from spaceport.space.output_files import output_bytes
from spaceport.wire.filedata import is_file_data

_ROWS_MAX = 12
"""The page shows as many examples."""
_SMALL_BYTES = 64 << 10
"""Smaller files are shown as they are."""
_FILE_BYTES_MAX = 64 << 20
_SIZE = (480, 320)
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif")


def thumbnails_of(examples: list[list[Any]]) -> list[Any]:
    """For each of the first examples the small picture of its first image, or None. Empty where there is none."""
    found = [_thumbnail(next(filter(_is_image, row), None)) for row in examples[:_ROWS_MAX]]
    return found if any(found) else []


def _is_image(value: Any) -> bool:
    return is_file_data(value) and str(value["path"]).lower().endswith(_SUFFIXES)


def _thumbnail(file: dict[str, Any] | None) -> Any:
    path = None if file is None else Path(file["path"])
    if path is None or not path.is_file() or not _SMALL_BYTES < path.stat().st_size < _FILE_BYTES_MAX:
        return None
    try:
        with opened(path, path.name) as image:
            image.draft("RGB", _SIZE)  # a JPEG is decoded at a fraction of its size
            image.thumbnail(_SIZE)
            small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except (ImportError, ValueRejected):
        return None
    target = io.BytesIO()
    small.save(target, format="webp", quality=80)
    return output_bytes(target.getvalue(), f"{path.stem[:80]}.webp")
