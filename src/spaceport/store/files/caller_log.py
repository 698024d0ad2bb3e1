"""Whose budget each file of a store counts against, over restarts: a line for each file, added when the file is.

A damaged or missing line costs one file's place in its caller's budget, nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

_LINES_MIN = 10_000
"""The log is rewritten when it has more lines than this, and twice as many as there are files."""
_SEPARATOR = "\t"


class CallerLog:
    """Paths are relative to the store's folder. The store's lock guards it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines = 0

    def load(self) -> dict[str, str]:
        """The caller of each path."""
        try:
            text = self._file.read_text("utf-8", "surrogateescape")
        except FileNotFoundError:
            return {}
        lines = text.split("\n")
        self._lines = len(lines)
        pairs = (line.split(_SEPARATOR) for line in lines)
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

    def add(self, path: str, caller: str) -> None:
        """A disk without room forgets the caller at the next start."""
        self._lines += 1
        with contextlib.suppress(OSError), self._file.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(_line(path, caller))

    def is_long(self, files: int) -> bool:
        """Whether most lines are of files that are gone. `files`: how many there are."""
        return self._lines > max(_LINES_MIN, 2 * files)

    def rewrite(self, callers: Mapping[str, str]) -> None:
        """Keep the lines of these files only."""
        draft = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            text = "".join(_line(*one) for one in callers.items())
            draft.write_text(text, "utf-8", "surrogateescape")
            draft.replace(self._file)
            self._lines = len(callers)


def _line(path: str, caller: str) -> str:
    clean = caller.replace(_SEPARATOR, " ").replace("\n", " ")
    return f"{path}{_SEPARATOR}{clean}\n"
