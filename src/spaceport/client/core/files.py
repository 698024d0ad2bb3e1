"""Finds the files inside of values, and replaces them (gradio-wire §12)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

_META = "gradio.FileData"
_BARE = frozenset({"path", "url", "size", "orig_name", "mime_type"})
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_NAME_BYTES = 200
FileData = dict[str, Any]


def handle_file(path_or_url: str | os.PathLike[str]) -> FileData:
    """Mark a local file (sent when the call is made) or a URL (fetched by the server) as a file for a call.

    Raises `ValueError` for a path that is not a file.
    """
    text = os.fspath(path_or_url)
    data: FileData = {"path": text, "meta": {"_type": _META}}
    if is_url(text):
        return {**data, "orig_name": safe_name(text), "url": text}
    if not Path(text).is_file():
        raise ValueError(f"File {text} does not exist on local filesystem and is not a valid URL.")
    return {**data, "orig_name": Path(text).name}


def is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def is_file(value: Any) -> bool:
    """Whether a value stands for a file. A dict that only happens to have a `path` does not."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("path"), str)
        and isinstance(value.get("meta"), dict)
        and value["meta"].get("_type") == _META
    )


def marked(value: Any) -> Any:
    """The value with files marked as newer servers do it: older ones send all fields of a file, but no `meta`."""
    if isinstance(value, dict):
        if isinstance(value.get("path"), str) and value.keys() >= _BARE:
            return {**value, "meta": {"_type": _META}}
        return {key: marked(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(marked, value))
    return value


def files_in(value: Any) -> Iterator[FileData]:
    """Every file inside of a value, in order."""
    if is_file(value):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from files_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from files_in(one)


def replace_files(value: Any, by: Callable[[FileData], Any]) -> Any:
    """The value with every file replaced; parts without files are not copied deeply, but never changed."""
    if is_file(value):
        return by(value)
    if isinstance(value, dict):
        return {key: replace_files(one, by) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([replace_files(one, by) for one in value]) if value else value
    return value


def safe_name(text: str) -> str:
    """A file name from a path or URL that stays inside of its folder on every system."""
    if is_url(text):
        text = unquote(urlsplit(text).path)
    name = _UNSAFE.sub("_", PurePosixPath(text.replace("\\", "/")).name).strip(" .")
    while len(name.encode()) > _NAME_BYTES:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{suffix}" if stem else name[:-1]
    return name or "file"
