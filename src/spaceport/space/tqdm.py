"""Reports the tqdm bars of a function as its progress (`Progress(track_tqdm=True)`)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from spaceport.space.context import current

_patched = False


@contextlib.contextmanager
def tracked() -> Iterator[None]:
    """While entered, tqdm bars of the running call report to its callers."""
    _patch()
    yield


def _patch() -> None:
    """Make tqdm bars report to the running call, if there is one. Patches tqdm once a process, if it is installed."""
    global _patched  # noqa: PLW0603
    if _patched:
        return
    try:
        import tqdm as package
    except ImportError:
        return
    _patched = True
    shown = package.tqdm.refresh

    def refresh(self: Any, *args: Any, **kwargs: Any) -> Any:
        call = current.get()
        if call is not None:
            unit = {
                "index": self.n,
                "length": self.total,
                "unit": self.unit,
                "progress": None,
                "desc": (self.desc or "").rstrip(": ") or None,
            }
            call.report((unit,))
        return shown(self, *args, **kwargs)

    package.tqdm.refresh = refresh
