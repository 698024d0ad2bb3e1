"""FileExplorer: not supported; the class says why."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component


class FileExplorer(Component):
    """Shows callers the folders of the server, which a Space that anyone may call must not. Raises `ValueError`."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise ValueError(
            "FileExplorer is not supported: it opens the server's folders to every caller. Take files with File, or "
            "offer names in a Dropdown."
        )
