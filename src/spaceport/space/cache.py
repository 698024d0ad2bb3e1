"""A cache of results: a call with the arguments of an earlier one is answered without running the function."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from spaceport.engine import CachedResult
from spaceport.wire.json import encode

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__spaceport_cache__"
_STEPS_BYTES = 1 << 20
"""Results of generators that yield more bytes are not cached."""


@dataclass(frozen=True)
class CacheOptions:
    """`key` computes the cache key from the arguments by name (None: all of them). `max_size` limits the number of
    results (0: no limit), `max_memory` their bytes. `per_session`: each session has results of its own."""

    key: Callable[[dict[str, Any]], Hashable] | None = None
    max_size: int = 128
    max_memory: int | None = None
    per_session: bool = False


@dataclass(slots=True)
class Recording:
    """Collects the steps of a run, which are cached if it succeeds."""

    key: bytes
    steps: list[list[Any]] = field(default_factory=list)
    size: int = 0

    def add(self, values: list[Any]) -> None:
        self.size += len(encode(values))
        if self.size <= _STEPS_BYTES:
            self.steps.append(values)


class ResultCache:
    """The cached results of one endpoint; the least recently used is evicted first."""

    def __init__(self, options: CacheOptions) -> None:
        self.options = options
        self._kept: OrderedDict[bytes, CachedResult] = OrderedDict()
        self._bytes = 0

    def key(self, wire: list[Any], named: dict[str, Any], owner: str, session: str | None) -> bytes:
        """The cache key. `wire`: the arguments as sent, `named`: their Python values, `owner`: whose files they are."""
        chosen: Any = wire if self.options.key is None else repr(self.options.key(named))
        scope = session if self.options.per_session else None
        return hashlib.sha256(encode([chosen, owner, scope])).digest()

    def get(self, key: bytes) -> CachedResult | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, recording: Recording, data: bytes) -> None:
        if recording.size > _STEPS_BYTES:
            return
        self.drop(recording.key)
        answer = CachedResult(tuple(recording.steps), data, recording.size + len(data))
        self._kept[recording.key] = answer
        self._bytes += answer.size
        limit, memory = self.options.max_size, self.options.max_memory
        while self._kept and ((limit and len(self._kept) > limit) or (memory is not None and self._bytes > memory)):
            self.drop(next(iter(self._kept)))

    def drop(self, key: bytes) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= gone.size


def cache(
    fn: Any = None,
    *,
    key: Callable[[dict[str, Any]], Hashable] | None = None,
    max_size: int = 128,
    max_memory: str | int | None = None,
    per_session: bool = False,
) -> Any:
    """Decorate a function to answer calls of its endpoint with equal arguments from memory (Gradio's `gr.cache`).

    Such calls skip the queue; the steps of a generator are repeated. Usable with or without options (`CacheOptions`).
    Files are compared by content. All callers share a result unless it holds files or `per_session` is set. Calls from
    Python code are not cached.
    """
    from spaceport.settings import size

    memory = None if max_memory is None else size(max_memory)
    options = CacheOptions(key, max_size, memory, per_session)

    def mark(function: F) -> F:
        setattr(function, _MARK, options)
        return function

    return mark if fn is None else mark(fn)


def options_of(fn: Callable[..., Any]) -> CacheOptions | None:
    found = getattr(fn, _MARK, None)
    return found if isinstance(found, CacheOptions) else None
