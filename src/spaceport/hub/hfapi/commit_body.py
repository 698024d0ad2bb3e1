"""The body of a commit: lines of JSON, read from a file so that no content of a file is ever in memory as a whole.

A line is `{"key": …, "value": {…}}`. A short line is parsed as it is. Of a long one, whose length is in the string
`content`, that string's place in the body is found, and the line is parsed without it; the content is decoded
piece by piece into a file of its own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from spaceport.errors import InvalidInput, TooLarge
from spaceport.hub.api.bodies import parse_object, text_of
from spaceport.hub.spaces.repository import Change, check_path

_SHORT_LINE = 1 << 20
_MAX_LINE = 192 << 20
_MAX_TEXT = 16 << 20
"""Of content that is not base64: its escapes are decoded in memory."""
_PIECE = 1 << 20  # a multiple of 4, as base64 has it
_MAX_CHANGES = 50_000
_CONTENT = re.compile(rb'"content"\s*:\s*"')
_REMOVALS = ("deletedFile", "deletedFolder", "deletedEntry")


@dataclass(slots=True)
class CommitBody:
    """What a commit says. The contents of its files lie in the folder that was given to `read_commit`."""

    title: str = "Update"
    message: str = ""
    parent: str | None = None
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Content:
    """A string's place in the body, between its quotes, as JSON writes it."""

    start: int
    length: int


def read_commit(body: Path, folder: Path) -> CommitBody:
    """Raises `InvalidInput`, `TooLarge`. Blocks."""
    found = CommitBody()
    with body.open("rb") as file:
        for number, (line, content) in enumerate(_lines(file)):
            if number > _MAX_CHANGES:
                raise TooLarge(f"A commit has at most {_MAX_CHANGES} changes. Send them in several.")
            key, value = line.get("key"), line.get("value")
            if not isinstance(value, dict):
                raise InvalidInput("Each line of a commit must have `key` and `value`.")
            if key == "header":
                _read_header(found, value)
            elif key == "file":
                path = check_path(text_of(value, "path"))
                target = folder / str(number)
                _write_content(file, value, content, target)
                found.changes.append(Change(path, target))
            elif key in _REMOVALS:
                found.changes.append(Change(text_of(value, "path"), None))
            else:
                raise InvalidInput(f"This hub takes files in the commit itself, not {str(key)[:50]!r}.")
    return found


def _read_header(found: CommitBody, value: dict[str, Any]) -> None:
    found.title = text_of(value, "summary", "") or found.title
    found.message = text_of(value, "description", "") if value.get("description") is not None else ""
    parent = value.get("parentCommit")
    found.parent = None if parent is None else text_of(value, "parentCommit")


def _lines(file: IO[bytes]) -> Iterator[tuple[dict[str, Any], _Content | None]]:
    """Each line as JSON, and the place of its content where that was left out. The file may be read in between."""
    position = 0
    while True:
        file.seek(position)
        head = file.readline(_SHORT_LINE)
        if not head:
            return
        if head.endswith(b"\n") or len(head) < _SHORT_LINE:
            position += len(head)
            if head.strip():
                yield parse_object(head), None
            continue
        line, content, position = _long_line(file, head, position)
        yield line, content


def _long_line(file: IO[bytes], head: bytes, position: int) -> tuple[dict[str, Any], _Content, int]:
    found = _CONTENT.search(head)
    if found is None:
        raise InvalidInput(f"A line of a commit has at most {_SHORT_LINE >> 20} MiB beside the content of a file.")
    start = position + found.end()
    length = _string_length(file, start, position + _MAX_LINE)
    file.seek(start + length + 1)
    tail = file.readline(_SHORT_LINE)
    if len(tail) == _SHORT_LINE:
        raise InvalidInput(f"A line of a commit has at most {_SHORT_LINE >> 20} MiB beside the content of a file.")
    line = parse_object(head[: found.end()] + b'"' + tail)
    return line, _Content(start, length), start + length + 1 + len(tail)


def _string_length(file: IO[bytes], start: int, limit: int) -> int:
    """How many bytes a string of JSON has whose first quote stands before `start`."""
    file.seek(start)
    position, escaped = start, False
    while piece := file.read(_PIECE):
        if position > limit:
            raise TooLarge(f"A file has at most {_MAX_LINE * 3 // 4 >> 20} MiB here.")
        at = 1 if escaped else 0
        escaped = False
        quote = piece.find(b'"', at)
        while True:
            if 0 <= quote < at:  # it was escaped
                quote = piece.find(b'"', at)
            escape = piece.find(b"\\", at, quote if quote >= 0 else len(piece))
            if escape < 0:
                break
            at = escape + 2
            if at > len(piece):
                escaped = True
                break
        if not escaped and quote >= 0:
            return position + quote - start
        position += len(piece)
    raise InvalidInput("A commit must be lines of JSON.")


def _write_content(file: IO[bytes], value: dict[str, Any], content: _Content | None, target: Path) -> None:
    encoded = value.get("encoding") == "base64"
    try:
        if content is None:
            text = text_of(value, "content")
            target.write_bytes(base64.b64decode(text, validate=True) if encoded else text.encode())
        elif encoded:
            _write_base64(file, content, target)
        elif content.length > _MAX_TEXT:
            raise TooLarge(f"Content of more than {_MAX_TEXT >> 20} MiB must be sent as base64.")
        else:
            file.seek(content.start)
            raw = file.read(content.length)
            target.write_bytes(text_of(parse_object(b'{"content":"' + raw + b'"}'), "content").encode())
    except (binascii.Error, ValueError):
        raise InvalidInput(f"The content of {str(value['path'])[:200]!r} is not base64.") from None


def _write_base64(file: IO[bytes], content: _Content, target: Path) -> None:
    """Raises `binascii.Error`."""
    file.seek(content.start)
    left, rest = content.length, b""
    with target.open("wb") as out:
        while left:
            raw = file.read(min(_PIECE, left))
            left -= len(raw)
            data = rest + raw
            rest = b""
            if data.endswith(b"\\"):
                data, rest = data[:-1], b"\\"
            data = data.replace(b"\\/", b"/")
            whole = len(data) - len(data) % 4 if left else len(data)
            data, rest = data[:whole], data[whole:] + rest
            if left and b"=" in data:
                raise binascii.Error("padding in the middle")
            out.write(base64.b64decode(data, validate=True))
