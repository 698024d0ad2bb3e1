"""Files that a function returned, as `FileData`: copied into the store, or left at their http(s) URL."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import Any

from spaceport.space.context import current
from spaceport.space.errors import ValueRejected
from spaceport.space.files import publish_initial
from spaceport.wire.filedata import file_data


def output_file(path: str | os.PathLike[str], **facts: Any) -> dict[str, Any]:
    """A returned file as `FileData`, copied into the store. `facts`: size, mime_type.

    Outside of a call the file is an author's initial value: it stays where it is, and every caller may read it.
    Raises `ValueRejected` for a file that may not be shown.
    """
    place = Path(os.fspath(path)).expanduser()
    call = current.get()
    if call is None or call.saver is None:
        real = Path(os.path.realpath(place))
        if not real.is_file():
            raise ValueRejected(f"There is no file {place}.")
        publish_initial(real)
        initial: dict[str, Any] = file_data(str(real), None, place.name, **facts)
        return initial
    with call.saver.files.open_output(place) as file:
        return call.saver.save(file, place.name, **facts)


def output_bytes(data: bytes, name: str, **facts: Any) -> dict[str, Any]:
    """Bytes that a component made, as `FileData`."""
    call = current.get()
    if call is None or call.saver is None:
        folder = Path(tempfile.mkdtemp(prefix="spaceport-"))
        (folder / name).write_bytes(data)
        return output_file(folder / name, **facts)
    return call.saver.save(io.BytesIO(data), name, **facts)


def file_or_url(value: Any, **facts: Any) -> dict[str, Any]:
    """A returned path as `FileData`; an http(s) URL is passed on as it is."""
    text = os.fspath(value)
    if isinstance(text, str) and text.startswith(("http://", "https://")):
        call = current.get()
        if call is not None and call.saver is not None:
            call.saver.files.allow_fetch(text)
        remote: dict[str, Any] = file_data(text, text, text.rpartition("/")[2] or "file", **facts)
        return remote
    return output_file(text, **facts)
