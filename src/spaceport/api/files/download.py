"""`GET file=PATH`: sends a file from disk, in pieces."""

from __future__ import annotations

import mimetypes
import os
import stat
from pathlib import Path
from urllib.parse import quote

from starlette.responses import FileResponse

from spaceport.api.exchange import HttpExchange
from spaceport.api.problems import gradio_error
from spaceport.errors import NotFound

_DESCRIPTORS = Path("/proc/self/fd")
# What a browser may show by itself; the rest is a download, so that nobody's upload becomes a page of ours.
_IMAGES = ("png", "jpeg", "gif", "webp", "bmp", "tiff", "avif")
_SOUNDS = ("mpeg", "wav", "x-wav", "ogg", "flac", "aac", "mp4", "webm")
_VIDEOS = ("mp4", "webm", "ogg", "quicktime")
_INLINE = frozenset(
    ["text/plain", "application/json"]
    + [f"image/{kind}" for kind in _IMAGES]
    + [f"audio/{kind}" for kind in _SOUNDS]
    + [f"video/{kind}" for kind in _VIDEOS]
)
_POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


async def download(request: HttpExchange, path: str) -> None:
    """Send a file that was uploaded, returned or published. The answer for any other path is the same 403."""
    files, user = request.context.files, request.user or ""
    try:
        if path.startswith(("http://", "https://")):
            found, published = await files.fetch_remote(path, user, request.caller_key), False
        else:
            found, published = files.readable(path, user)
        opened = _Opened(found)
    except (NotFound, OSError, ValueError):
        await request.json(gradio_error(f"File not allowed: {path[:500]}."), 403)
        return
    with opened:
        await _answer(request, opened, found.name, published=published)


class _Opened:
    """A regular file, opened once, so that it does not matter if its name is given to another file meanwhile."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        self.stat = os.fstat(self._descriptor)
        if not stat.S_ISREG(self.stat.st_mode):
            os.close(self._descriptor)
            raise ValueError("not a file")
        self.path = f"/proc/self/fd/{self._descriptor}" if _DESCRIPTORS.is_dir() else str(path)

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


async def _answer(request: HttpExchange, opened: _Opened, name: str, *, published: bool) -> None:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    inline = kind in _INLINE or (published and not kind.startswith(("text/html", "image/svg", "application/xhtml")))
    etag = f'"{opened.stat.st_mtime_ns:x}-{opened.stat.st_size:x}"'
    headers = {
        "etag": etag,
        "content-disposition": f"{'inline' if inline else 'attachment'}; filename*=utf-8''{quote(name)}",
        "x-content-type-options": "nosniff",
        "content-security-policy": _POLICY,
        "cache-control": "private, max-age=3600",
        "accept-ranges": "bytes",
    }
    if etag in [one.strip().removeprefix("W/") for one in request.header(b"if-none-match").split(",")]:
        await request.reply(
            304, b"", kind.encode(), [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
        )
        return
    media = kind if inline else "application/octet-stream"
    response = FileResponse(opened.path, headers=headers, media_type=media, stat_result=opened.stat)
    response.raw_headers += request.extra
    request.started = True
    await response(request.scope, request.receive, request.send)
