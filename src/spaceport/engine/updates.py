"""The ordered updates of a job, for any number of watchers, who may come late, twice, or again after a disconnect.

Outputs and log lines are events: each is kept, up to the log's byte bound, and read by every watcher exactly once.
Rank and progress are states: a newer one replaces an older one that directly precedes it.
When the bound is reached, the oldest entries are folded into `base`, and a watcher that is that far behind gets the
full value instead of the steps it missed.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spaceport.engine.outcome import Outcome
from spaceport.wire.diff import Edit, InvalidEdits, apply, diff


class Queued(NamedTuple):
    """`rank` 0 = next to start; `size` jobs wait in the group; `eta_s` seconds to the result, None until measured."""

    rank: int
    size: int
    eta_s: float | None


class Started(NamedTuple):
    attempt: int
    eta_s: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """`units` has a dict for each tracker: index, length, unit, progress, desc."""

    units: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A message from the function to the caller. A page shows it for `duration_s`."""

    text: str
    level: str = "info"
    duration_s: float | None = 10
    visible: bool = True
    title: str = "Info"


@dataclass(frozen=True, slots=True)
class Output:
    """One step of a generator: for each output position the edits against the step before (wire.diff)."""

    edits: tuple[tuple[Edit, ...], ...]
    at_s: float
    """Seconds since the attempt started."""


class Ended(NamedTuple):
    outcome: Outcome


Update = Queued | Started | Progress | LogLine | Output | Ended
Entry = tuple[int, Update]


class Watcher:
    """A reader of any number of logs. `wait` returns when a log may have changed, at once if one already has."""

    __slots__ = ("_future", "_pending", "closed", "ends_only", "ranks")

    def __init__(self) -> None:
        self._future: asyncio.Future[None] | None = None
        self._pending = False
        self.closed = False
        self.ends_only = False
        """Whether only a log's last update, the job's end, wakes it."""
        self.ranks = True
        """Whether it is told the rank of a waiting job, and each change of it."""

    def notify(self) -> None:
        """Loop thread only."""
        self._pending = True
        future = self._future
        if future is not None and not future.done():
            future.set_result(None)

    async def wait(self) -> None:
        if not self._pending:
            self._future = asyncio.get_running_loop().create_future()
            try:
                await self._future
            finally:
                self._future = None
        self._pending = False


class UpdateLog:
    """The ordered, bounded updates of one job. Loop thread only."""

    __slots__ = ("_bytes", "_sizes", "base", "entries", "folded", "seq", "seqs", "values", "watchers")

    def __init__(self, after: int = 0) -> None:
        """Sequence numbers begin above `after`."""
        self.seq = after
        self.seqs: list[int] = []
        self.entries: list[Update] = []
        self._sizes: list[int] = []
        self._bytes = 0
        self.base: list[Any] | None = None
        """Output values before the first kept output; None: no output was folded."""
        self.folded = 0
        """Sequence number of the newest folded output; 0 if there is none."""
        self.values: list[Any] | None = None
        """The newest output values."""
        self.watchers: list[Watcher] = []

    @property
    def weight(self) -> int:
        """About the bytes it holds."""
        return self._bytes

    def add(self, update: Update, size: int = 0, *, bound: int = 0) -> int:
        """Append and wake the watchers; returns the sequence number. `size` bytes count towards `bound`."""
        last = self.entries[-1] if self.entries else None
        if last is not None and type(last) is type(update) and isinstance(update, (Queued, Progress)):
            self._drop(len(self.entries) - 1)
        self.seq += 1
        self.seqs.append(self.seq)
        self.entries.append(update)
        self._sizes.append(size)
        self._bytes += size
        if bound and self._bytes > bound:
            self._fold(bound)
        for watcher in self.watchers:
            if not watcher.ends_only or type(update) is Ended:
                watcher.notify()
        return self.seq

    def add_output(self, values: list[Any], at_s: float, *, bound: int) -> int:
        """Append one generator step, stored as edits against the step before."""
        before = self.values
        if before is None or len(before) != len(values):
            edits: tuple[tuple[Edit, ...], ...] = tuple((("replace", (), value),) for value in values)
        else:
            edits = tuple(diff(old, new) for old, new in zip(before, values, strict=True))
        self.values = values
        return self.add(Output(edits, at_s), _weight_of_edits(edits), bound=bound)

    def add_edits(self, edits: Sequence[tuple[Edit, ...]], at_s: float, *, bound: int) -> int:
        """Append one generator step that is given as edits against the step before."""
        output = Output(tuple(edits), at_s)
        self.values = step(self.values, output)
        return self.add(output, _weight_of_edits(output.edits), bound=bound)

    def add_progress(self, units: tuple[dict[str, Any], ...], *, bound: int) -> int:
        """Append the progress, in the place of one that directly precedes it."""
        return self.add(Progress(units), _weight(units, 0), bound=bound)

    def add_line(self, line: LogLine, *, bound: int) -> int:
        return self.add(line, len(line.text) + len(line.title) + 64, bound=bound)

    def restore(self, entries: Sequence[Entry], base: list[Any] | None, folded: int) -> None:
        """Fill an empty log with the entries of a journal."""
        self.base, self.folded, self.values = base, folded, base
        for seq, update in entries:
            self.seq = seq
            self.seqs.append(seq)
            self.entries.append(update)
            self._sizes.append(0)
            if isinstance(update, Output):
                self.values = step(self.values, update)

    def since(self, seq: int) -> list[Entry]:
        """Entries with a sequence number above `seq`, oldest first."""
        start = bisect_right(self.seqs, seq)
        return list(zip(self.seqs[start:], self.entries[start:], strict=True))

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Wake `watcher` at each new entry until the returned function is called."""
        self.watchers.append(watcher)

        def stop() -> None:
            if watcher in self.watchers:
                self.watchers.remove(watcher)

        return stop

    def _drop(self, index: int) -> None:
        self._bytes -= self._sizes.pop(index)
        del self.seqs[index], self.entries[index]

    def _fold(self, bound: int) -> None:
        """Drop the oldest entries until three quarters of the bound are used; keep the newest one in any case."""
        count, freed = 0, 0
        while count < len(self.entries) - 1 and self._bytes - freed > bound * 3 // 4:
            update = self.entries[count]
            if isinstance(update, Output):
                self.base = step(self.base, update)
                self.folded = self.seqs[count]
            freed += self._sizes[count]
            count += 1
        del self.seqs[:count], self.entries[:count], self._sizes[:count]
        self._bytes -= freed


def step(values: list[Any] | None, output: Output) -> list[Any]:
    """The output values after one step. Raises `InvalidEdits`."""
    before: Sequence[Any] = values if values is not None else [None] * len(output.edits)
    if len(before) != len(output.edits):
        raise InvalidEdits(f"There are {len(before)} outputs, and edits for {len(output.edits)}.")
    return [apply(old, edits) for old, edits in zip(before, output.edits, strict=True)]


def _weight_of_edits(edits: Sequence[Sequence[Edit]]) -> int:
    """About the bytes of a step."""
    weight = 0
    for one in edits:
        for _, path, value in one:
            weight += 64 + 24 * len(path) + _weight(value, 1)
    return weight


def _weight(value: Any, depth: int) -> int:
    """About the bytes of a JSON value; containers below depth 6 count as 64."""
    if isinstance(value, str):
        return 16 + len(value)
    if isinstance(value, dict):
        return 64 if depth > 6 else 16 + sum(len(k) + _weight(v, depth + 1) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return 64 if depth > 6 else 16 + sum(_weight(v, depth + 1) for v in value)
    return 16
