"""Results kept by their arguments: a call that was answered before is answered without running."""

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
"""A generator that yields more is not kept."""


@dataclass(frozen=True)
class CacheOptions:
    """`key`: of the arguments by name, what to keep the result by (None: all). `max_size`: results, 0: any number.
    `max_memory`: their bytes. `per_session`: a session sees its own results alone."""

    key: Callable[[dict[str, Any]], Hashable] | None = None
    max_size: int = 128
    max_memory: int | None = None
    per_session: bool = False


@dataclass(slots=True)
class Recording:
    """The steps of a run, to be kept when it ends well."""

    key: bytes
    steps: list[list[Any]] = field(default_factory=list)
    size: int = 0

    def add(self, values: list[Any]) -> None:
        self.size += len(encode(values))
        if self.size <= _STEPS_BYTES:
            self.steps.append(values)


class ResultCache:
    """The results of one endpoint, the least recently used first to go."""

    def __init__(self, options: CacheOptions) -> None:
        self.options = options
        self._kept: OrderedDict[bytes, CachedResult] = OrderedDict()
        self._bytes = 0

    def key(self, wire: list[Any], named: dict[str, Any], owner: str, session: str | None) -> bytes:
        """`wire` are the arguments as they came, `named` their Python values; `owner` may read their files."""
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
    """Mark a function, so that calls of its endpoint with the same arguments are answered from memory (Gradio's
    `gr.cache`): without the queue, and a generator's steps again. With or without options; see `CacheOptions`.

    A file counts by its content. What a function returns for one caller is returned to all, unless files are in it
    or `per_session` is set. Called as a function inside of another it runs as ever.
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
