"""`Progress`: a function reports how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Any

from spaceport.space.context import current


class Progress:
    """The default of a parameter, which reports progress: `progress(0.3)`, `progress((3, 10))`, `progress.tqdm(items)`.

    With `track_tqdm=True` the tqdm bars of the function are reported too.
    """

    def __init__(self, track_tqdm: bool = False) -> None:
        self.track_tqdm = track_tqdm
        self._units: list[dict[str, Any]] = []

    def __call__(
        self,
        progress: float | tuple[int, int | None] | None,
        desc: str | None = None,
        total: int | float | None = None,
        unit: str = "steps",
    ) -> None:
        """Report a fraction from 0 to 1, a pair (done, total), or None for unknown progress."""
        if isinstance(progress, tuple):
            own = _unit(progress[0], progress[1], unit, None, desc)
        else:
            own = _unit(None, total, unit, progress, desc)
        self._send([*self._units, own])

    def tqdm(
        self,
        iterable: Iterable[Any] | None,
        desc: str | None = None,
        total: int | float | None = None,
        unit: str = "steps",
    ) -> Iterator[Any]:
        """Iterate and report the position; nested iterations are reported together."""
        if iterable is None:
            return iter(())
        length = total if total is not None else len(iterable) if isinstance(iterable, Sized) else None
        return self._iterate(iterable, _unit(0, length, unit, None, desc))

    def _iterate(self, iterable: Iterable[Any], own: dict[str, Any]) -> Iterator[Any]:
        self._units.append(own)
        try:
            self._send(self._units)
            for index, item in enumerate(iterable):
                yield item
                own["index"] = index + 1
                self._send(self._units)
        finally:
            self._units.remove(own)

    def _send(self, units: list[dict[str, Any]]) -> None:
        call = current.get()
        if call is not None:
            call.report(tuple(dict(unit) for unit in units))


def _unit(index: Any, length: Any, unit: str, progress: float | None, desc: str | None) -> dict[str, Any]:
    return {"index": index, "length": length, "unit": unit, "progress": progress, "desc": desc}
