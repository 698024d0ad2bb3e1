"""Cached results: a call with the arguments of an earlier one is answered without running the function."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from spaceport.engine import CachedResult
from spaceport.space.call import Call
from spaceport.space.files import SpaceFiles
from spaceport.wire.filedata import file_paths, is_file_data
from spaceport.wire.json import decode, encode

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__spaceport_cache__"
_STEPS_BYTES = 1 << 20
"""Results of generators that yield more bytes are not cached."""
_UNCACHEABLE = object()


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
        self.put(recording.key, CachedResult(tuple(recording.steps), data, recording.size + len(data)))

    def put(self, key: bytes, result: CachedResult) -> None:
        self.drop(key)
        self._kept[key] = result
        self._bytes += result.size
        limit, memory = self.options.max_size, self.options.max_memory
        while self._kept and ((limit and len(self._kept) > limit) or (memory is not None and self._bytes > memory)):
            self.drop(next(iter(self._kept)))

    def drop(self, key: bytes) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= gone.size


class CallCache:
    """The cache of an endpoint's calls: results by their arguments, and the results of its examples.

    `options` are the author's for all calls; without them only examples are kept.

    `names` are the Python names of the inputs. `per_owner`: results depend on the caller's files, or have files.
    """

    def __init__(self, options: CacheOptions | None, names: list[str], *, per_owner: bool, has_files: bool) -> None:
        self._keeps_all = options is not None
        self._results = ResultCache(options or CacheOptions(max_size=0))
        self._names = names
        self._per_owner, self._has_files = per_owner, has_files
        self._example_keys: set[bytes] = set()

    def keep_examples(self, calls: list[Call]) -> None:
        """Keep the results of these calls, for all callers."""
        self._example_keys = {key for call in calls if (key := self._key(call)) is not None}

    def restore_examples(self, results: Mapping[bytes, CachedResult]) -> None:
        """Take the results of an earlier process, as far as they are of the present examples."""
        for key in self._example_keys & results.keys():
            self._results.put(key, results[key])

    def example_results(self) -> dict[bytes, CachedResult]:
        """The results of the examples so far."""
        found = {key: self._results.get(key) for key in self._example_keys}
        return {key: one for key, one in found.items() if one is not None}

    def recording(self, call: Call) -> Recording | None:
        """A recording for the run of a call whose result is to be kept; None for any other."""
        key = self._key(call)
        if key is None or not (self._keeps_all or key in self._example_keys):
            return None
        return Recording(key)

    def keep(self, recording: Recording, data: bytes) -> None:
        """Keep the result of a recorded run."""
        self._results.keep(recording, data)

    def get(self, call: Call, files: SpaceFiles | None) -> CachedResult | None:
        """The result of an earlier call with the same arguments, unless files of it are gone."""
        key = self._key(call)
        if key is None:
            return None
        found = self._results.get(key)
        if found is None or files is None or not self._has_files:
            return found
        if not all(files.has(path, call.owner) for path in file_paths(decode(found.data))):
            self._results.drop(key)
            return None
        root = call.caller.request.root
        steps = tuple([files.with_root(values, root) for values in found.steps])
        return CachedResult(steps, encode(files.with_root(decode(found.data), root)))

    def _key(self, call: Call) -> bytes | None:
        """None where an argument is a URL: what it leads to may change."""
        wire = [_by_content(value) for value in call.wire]
        if _UNCACHEABLE in wire:
            return None
        named = dict(zip(self._names, call.arguments, strict=True))
        session = call.caller.session
        everybody = self._results.key(wire, named, "", session)
        if everybody in self._example_keys or not self._per_owner:
            return everybody
        return self._results.key(wire, named, call.owner, session)


def _by_content(value: Any) -> Any:
    """A wire value with each file as its path, which holds a hash of its content; `_UNCACHEABLE` with a URL in it."""
    if is_file_data(value):
        path = value.get("path")
        return path if isinstance(path, str) and not path.startswith(("http://", "https://")) else _UNCACHEABLE
    if isinstance(value, dict):
        found = {name: _by_content(one) for name, one in value.items()}
        return _UNCACHEABLE if _UNCACHEABLE in found.values() else found
    if isinstance(value, list):
        several = [_by_content(one) for one in value]
        return _UNCACHEABLE if _UNCACHEABLE in several else several
    return value


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
