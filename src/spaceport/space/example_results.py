"""The results of examples on disk: a Space that starts again does not run its examples again."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from spaceport.engine import CachedResult, Engine, JobRequest, State
from spaceport.errors import SpaceportError
from spaceport.space.call import Call
from spaceport.space.endpoint import SpaceEndpoint
from spaceport.wire.json import decode, encode

_BYTES_MAX = 64 << 20
"""Results beyond are not written; they are computed again at the next start."""
logger = logging.getLogger("spaceport.space")


class _Result(msgspec.Struct, array_like=True):
    steps: bytes
    data: bytes
    size: int


class _Content(msgspec.Struct):
    version: str
    results: dict[str, dict[bytes, _Result]]
    """By endpoint and by the cache key of the call."""


class ExampleResults:
    """One file. Results of another version of the script are not read."""

    def __init__(self, path: Path, script: str | None) -> None:
        self._path = path
        self._script = script

    def read(self) -> dict[str, dict[bytes, CachedResult]]:
        """What is kept, by endpoint and cache key. A file that cannot be read holds nothing."""
        try:
            if self._path.stat().st_size > 2 * _BYTES_MAX:
                return {}
            content = msgspec.msgpack.decode(self._path.read_bytes(), type=_Content)
            if content.version != self._version():
                return {}
            return {name: {key: _cached(one) for key, one in found.items()} for name, found in content.results.items()}
        except (OSError, msgspec.MsgspecError):
            return {}

    def write(self, results: Mapping[str, Mapping[bytes, CachedResult]]) -> None:
        """Replace what is kept."""
        room = _BYTES_MAX
        kept: dict[str, dict[bytes, _Result]] = {}
        for name, found in results.items():
            for key, one in found.items():
                room -= one.size
                if room >= 0:
                    kept.setdefault(name, {})[key] = _Result(encode(list(one.steps)), one.data, one.size)
        partial = self._path.with_suffix(".new")
        try:
            partial.write_bytes(msgspec.msgpack.encode(_Content(self._version(), kept)))
            os.replace(partial, self._path)  # noqa: PTH105
        except OSError as error:
            logger.warning("the results of examples could not be kept: %s", error)

    def _version(self) -> str:
        """Changes with the script and its place; in a shell there is none, where nothing can be compared."""
        script = Path(self._script) if self._script is not None else None
        text = script.read_bytes() if script is not None and script.is_file() else os.urandom(16)
        return hashlib.sha256(f"{script}\n".encode() + text).hexdigest()


def _cached(result: _Result) -> CachedResult:
    return CachedResult(tuple(decode(result.steps)), result.data, result.size)


async def cache_examples(endpoints: Iterable[SpaceEndpoint], engine: Engine, results: ExampleResults) -> None:
    """Run the examples whose results are to be kept and are not yet, and write all results down."""
    calls = {endpoint: found for endpoint in endpoints if (found := endpoint.example_calls())}
    if not calls:
        return
    kept = await asyncio.to_thread(results.read)
    for endpoint, examples in calls.items():
        endpoint.restore_examples(kept.get(endpoint.name, {}))
        for call in examples:
            await _run(endpoint, call, engine)
    await asyncio.to_thread(results.write, {endpoint.name: endpoint.example_results() for endpoint in calls})


async def _run(endpoint: SpaceEndpoint, call: Call, engine: Engine) -> None:
    if endpoint.known(call) is not None:
        call.release()
        return
    try:
        job = await engine.submit(JobRequest(endpoint.name, call, endpoint.payload(call)))
    except SpaceportError as error:
        logger.warning("%s: an example could not run: %s", endpoint.name, error)
        return
    await engine.ended(job)
    if job.state is not State.SUCCEEDED:
        logger.warning("%s: an example failed, so its result is not cached", endpoint.name)
