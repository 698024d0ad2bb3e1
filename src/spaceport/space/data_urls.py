"""`data:` URLs with base64 content (RFC 2397): a file whose content stands in its address."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from spaceport.space.errors import ValueRejected
from spaceport.wire.filedata import DATA_URL

_MAX_HEAD = 1000
_SUFFIXES = {"audio/wav": ".wav", "audio/wave": ".wav", "text/plain": ".txt", "application/octet-stream": ".bin"}
_SUBTYPE = re.compile(r"(?:audio|image|video)/(?:x-)?([a-z0-9]{1,8})")


def image_uri(path: Path) -> str:
    """An image file as a data URI. Raises `OSError`, and `ValueError` for a file that is no image."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith("image/"):
        raise ValueError(f"{path.name} is no image: use a .svg, .png, .webp or .jpg.")
    return f"{DATA_URL}{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def data_url_name(url: str) -> str:
    """A name for the file, with the suffix of its media type."""
    kind = _head(url).partition(";")[0].strip().lower()
    found = _SUFFIXES.get(kind) or mimetypes.guess_extension(kind, strict=False)
    subtype = None if found else _SUBTYPE.fullmatch(kind)
    return f"file{found or (f'.{subtype[1]}' if subtype else '')}"


def data_url_content(url: str) -> bytes:
    """The content. Raises `ValueRejected` where it is empty or not valid base64."""
    head = _head(url)
    body = url[len(DATA_URL) + len(head) + 1 :]
    if not head.lower().replace(" ", "").endswith(";base64"):
        raise ValueRejected("A data: URL needs base64 content: `data:<media type>;base64,<content>`.", "file")
    try:
        content = unquote_to_bytes(body) if "%" in body else body.encode("ascii")
        found = base64.b64decode(content.translate(None, b" \t\r\n"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueRejected("The content of the data: URL is not valid base64.", "file") from None
    if not found:
        raise ValueRejected("The data: URL has no content.", "file")
    return found


def _head(url: str) -> str:
    """What stands between `data:` and the comma."""
    end = url.find(",", 0, _MAX_HEAD)
    if end < 0:
        raise ValueRejected("A data: URL is `data:<media type>;base64,<content>`.", "file")
    return url[len(DATA_URL) : end]
