"""Arguments that a program has in memory and a Space takes as files: on disk until they have been sent."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spaceport.client.core.endpoints import Parameter
from spaceport.client.core.values import convert


class TemporaryFiles:
    """The files of one call. `with` removes them; nothing is made on disk for a call that needs none."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def convert(self, values: Sequence[Any], parameters: Sequence[Parameter]) -> list[Any]:
        """The values as JSON and files. Raises `TypeError` that names the argument which is neither."""
        known = [*parameters, *(Parameter(str(at + 1), False, None) for at in range(len(parameters), len(values)))]
        try:
            return [convert(value, parameter, self._store) for value, parameter in zip(values, known, strict=False)]
        except BaseException:
            self.__exit__()
            raise

    def _store(self, content: bytes, name: str) -> str:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="spaceport-")
        self._count += 1
        folder = Path(self._folder.name) / str(self._count)
        folder.mkdir()
        (folder / name).write_bytes(content)
        return str(folder / name)

    def __enter__(self) -> TemporaryFiles:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
