"""File names that every system can store."""

from __future__ import annotations

import re
import secrets

from spaceport.errors import InvalidInput

_NAME_BYTES = 200
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*`$!{}]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class InvalidName(InvalidInput):
    """A name that no file can have."""


def file_name(text: str) -> str:
    """Make the last part of a path a name that every system can store. Raises `InvalidName` for `.` and `..`."""
    last = re.split(r"[/\\]", text)[-1]
    if last in (".", ".."):
        raise InvalidName(f"Invalid file name: {last}")
    name = _UNSAFE.sub("", last).rstrip(". ")
    if _DEVICES.match(name):
        name = f"_{name}"
    while len(name.encode("utf-8", "replace")) > _NAME_BYTES:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{suffix}" if stem and len(suffix) < 20 else name[:-1]
    return name.encode("utf-8", "replace").decode() or f"tmp{secrets.token_hex(4)}"
