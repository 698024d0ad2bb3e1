"""How many calls each Space had in each hour of the last seven days, how they ended, and how long they took.

The counters of `observe.Metrics` are read once a minute and when somebody asks, so that this costs a call nothing. The
hours lie in `usage.json` beside the Space's repository; a hub that is killed loses the last minute.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from spaceport.hub.spaces.paths import SpacePaths
from spaceport.observe import CallerCounter, Metrics
from spaceport.store.hub.ports import SpaceRow

HOUR_S = 3600
_HOURS = 7 * 24
_MAX_IN_MEMORY = 20_000
_SUCCEEDED, _CANCELLED = "succeeded", "cancelled"


class Hour(msgspec.Struct):
    """The calls of one hour. `at`: hours since the epoch. `wait` and `run` are histograms as in `observe.metrics`."""

    at: int
    accepted: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    wait: list[int] = []
    run: list[int] = []

    def add(self, change: Hour) -> None:
        self.accepted += change.accepted
        self.succeeded += change.succeeded
        self.failed += change.failed
        self.cancelled += change.cancelled
        self.wait, self.run = _sum(self.wait, change.wait), _sum(self.run, change.run)


class _History:
    """The hours of one Space that had calls, oldest first."""

    def __init__(self, hours: list[Hour]) -> None:
        self.hours = hours
        self.changed = False
        self._total: tuple[int, int] | None = None
        """The hour it was counted in, and the calls of seven days."""

    def add(self, change: Hour) -> None:
        if not self.hours or self.hours[-1].at < change.at:
            self.hours.append(Hour(change.at))
        self.hours[-1].add(change)
        self.hours = [hour for hour in self.hours if hour.at > change.at - _HOURS]
        self.changed, self._total = True, None

    def calls(self, now: int) -> int:
        if self._total is None or self._total[0] != now:
            self._total = now, sum(hour.accepted for hour in self.hours if hour.at > now - _HOURS)
        return self._total[1]


class UsageHistory:
    """Safe from any thread."""

    def __init__(self, data: Path, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        """`data`: the hub's folder."""
        self._data = data
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, Hour] = {}
        """By Space: what its counters said when they were read last."""
        self._known: OrderedDict[str, _History] = OrderedDict()
        """By the Space's folder, whose name is never used again."""

    def hours(self, space: SpaceRow) -> list[Hour]:
        """The hours of the last seven days in which the Space had calls, oldest first. Blocks."""
        with self._lock:
            history = self._read_counters(space)
            return [hour for hour in history.hours if hour.at > self._now() - _HOURS]

    def calls(self, space: SpaceRow) -> int:
        """How many calls the Space had in seven days, up to the last minute. Blocks where it was not asked before."""
        with self._lock:
            return self._history(space).calls(self._now())

    def counters(self, space: SpaceRow) -> Mapping[str, CallerCounter]:
        """The counters of the Space's endpoints since the hub started."""
        return self._metrics.counters(space.full_name)

    def save(self, spaces: Iterable[SpaceRow]) -> None:
        """Read the counters of Spaces and write what has changed. Blocks."""
        for space in spaces:
            with self._lock:
                history = self._read_counters(space)
                data = msgspec.json.encode(history.hours) if history.changed else None
                history.changed = False
            if data is not None:
                _write(SpacePaths(self._data / space.folder).usage, data)

    def removed(self, space: SpaceRow) -> None:
        """The Space is gone: what its counters say is not a later Space's of the same name."""
        with self._lock:
            self._read_counters(space)
            self._known.pop(space.folder, None)

    def _read_counters(self, space: SpaceRow) -> _History:
        history, now = self._history(space), self._now()
        counters = self._metrics.counters(space.full_name)
        if not counters:
            return history
        total = _total(now, counters)
        before = self._seen.get(space.full_name, Hour(now))
        self._seen[space.full_name] = total
        change = _difference(total, before)
        if any((change.accepted, change.succeeded, change.failed, change.cancelled, *change.wait, *change.run)):
            history.add(change)
        return history

    def _history(self, space: SpaceRow) -> _History:
        found = self._known.get(space.folder)
        if found is None:
            found = self._known[space.folder] = _History(_load(SpacePaths(self._data / space.folder).usage))
            oldest = next(iter(self._known))
            if len(self._known) > _MAX_IN_MEMORY and not self._known[oldest].changed:
                del self._known[oldest]
        return found

    def _now(self) -> int:
        return int(self._clock()) // HOUR_S


def outcomes(counters: Iterable[CallerCounter]) -> tuple[int, int, int]:
    """How many calls succeeded, failed and were cancelled."""
    ended = [dict(counter.ended) for counter in counters]  # the event loop goes on counting
    succeeded = sum(one.get(_SUCCEEDED, 0) for one in ended)
    cancelled = sum(one.get(_CANCELLED, 0) for one in ended)
    return succeeded, sum(sum(one.values()) for one in ended) - succeeded - cancelled, cancelled


def _total(now: int, counters: Mapping[str, CallerCounter]) -> Hour:
    known = list(counters.values())
    accepted = sum(one.accepted for one in known)
    wait = [sum(counts) for counts in zip(*(one.wait.counts for one in known), strict=True)]
    run = [sum(counts) for counts in zip(*(one.run.counts for one in known), strict=True)]
    return Hour(now, accepted, *outcomes(known), wait, run)


def _difference(total: Hour, before: Hour) -> Hour:
    return Hour(
        total.at,
        total.accepted - before.accepted,
        total.succeeded - before.succeeded,
        total.failed - before.failed,
        total.cancelled - before.cancelled,
        _sum(total.wait, [-count for count in before.wait]),
        _sum(total.run, [-count for count in before.run]),
    )


def _sum(one: list[int], other: list[int]) -> list[int]:
    if not one or not other:
        return one or other
    return [a + b for a, b in zip(one, other, strict=True)]


def _load(path: Path) -> list[Hour]:
    """The hours in a file; none where it is missing or damaged, or where its histograms have other bounds."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=list[Hour])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return []
    size = len(CallerCounter().wait.counts)
    fits = all(len(counts) in (0, size) for hour in found for counts in (hour.wait, hour.run))
    return found[-_HOURS:] if fits else []


def _write(path: Path, data: bytes) -> None:
    """A disk without room, or a Space that is being removed, costs statistics, nothing else."""
    draft = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    with contextlib.suppress(OSError):
        draft.write_bytes(data)
        draft.replace(path)
