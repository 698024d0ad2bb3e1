"""Reports a function's own tqdm bars as its progress (`Progress(track_tqdm=True)`)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from spaceport.space.context import current

_patched = False


@contextlib.contextmanager
def tracked() -> Iterator[None]:
    """Bars made in a call that tracks them report to it; all others are untouched."""
    _patch()
    yield


def _patch() -> None:
    """Let every bar look for a call call. Once per process; without tqdm there is nothing to do."""
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
