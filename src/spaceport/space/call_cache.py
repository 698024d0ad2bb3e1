"""The cache of an endpoint's calls: results by their arguments, and the results of its examples."""

from __future__ import annotations

from typing import Any

from spaceport.engine import CachedResult
from spaceport.space.cache import CacheOptions, Recording, ResultCache
from spaceport.space.call import Call
from spaceport.space.files import SpaceFiles
from spaceport.wire.filedata import file_paths, is_file_data
from spaceport.wire.json import decode, encode

_UNCACHEABLE = object()


class CallCache:
    """`options` are the author's for all calls; without them only examples are kept.

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
