"""A file as a component sees it between the wire and the function: here already, or still to be fetched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spaceport.errors import SpaceportError
from spaceport.space.errors import ValueRejected


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine. `name` is what its sender calls it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class InlineFile:
    """A file whose content came with the call as a `data:` URL; it is stored before the call is accepted.

    `wire` is the file in the call's wire values, which then names the stored one.
    """

    url: str
    name: str
    wire: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at an http(s) URL, which is fetched before the function runs."""

    url: str
    name: str


FileValue = LocalFile | InlineFile | RemoteFile


def one_file(value: Any, what: str) -> FileValue | None:
    """The file that `from_wire` of a component with one file was given, or None. Raises `ValueRejected`."""
    if value is None or isinstance(value, (LocalFile, InlineFile, RemoteFile)):
        return value
    raise ValueRejected(
        f'{what} takes a file: {{"path": "<path from an upload, or an http(s) URL>"}}, or {{"url": "data:…"}}.',
        "file",
    )


def local(value: Any) -> LocalFile:
    """The file, at the time the function runs. Raises `SpaceportError` if it was not fetched before."""
    if not isinstance(value, LocalFile):
        raise SpaceportError("The file was not fetched.")
    return value


def has_inline(value: Any) -> bool:
    """Whether a file in the value came as a `data:` URL."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return isinstance(value, InlineFile) or any(map(has_inline, parts))


def as_text(value: Any) -> Any:
    """The value with each file as its path or URL: what an author's validator sees."""
    if isinstance(value, LocalFile):
        return str(value.path)
    if isinstance(value, (InlineFile, RemoteFile)):
        return value.url
    if isinstance(value, dict):
        return {key: as_text(one) for key, one in value.items()}
    return list(map(as_text, value)) if isinstance(value, list) else value
