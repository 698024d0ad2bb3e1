"""`GET stream/…`: audio that plays while it is generated, as an HLS playlist, its segments, and one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.responses import FileResponse, Response, StreamingResponse

from spaceport.api.exchange import HttpExchange
from spaceport.api.problems import gradio_error
from spaceport.errors import NotFound

_KIND = "audio/aac"


async def play(request: HttpExchange) -> None:
    """Serve `playlist.m3u8`, `playlist-file` (all segments as one file) or one segment."""
    name = request.params["name"]
    stem, _, kind = name.rpartition(".")
    if name not in ("playlist.m3u8", "playlist-file") and kind not in ("aac", "ts"):
        await request.json(gradio_error("Unsupported file extension"), 400)
        return
    try:
        place = "/".join(request.params[part] for part in ("session", "run", "component"))
        playlist = request.context.files.playlist(place, request.user or "")
        if name == "playlist.m3u8":
            headers = {"cache-control": "no-store"}
            found = Response(playlist.text(), headers=headers, media_type="application/vnd.apple.mpegurl")
        elif name == "playlist-file":
            found = _joined([Path(path) for path, _ in playlist.segments])
        else:
            found = _segment(playlist.segments, stem)
    except (NotFound, OSError):
        await request.reply(404, b"")
        return
    found.raw_headers += request.extra
    request.started = True
    await found(request.scope, request.receive, request.send)


def _segment(segments: list[tuple[str, float]], number: str) -> Response:
    if not (number.isascii() and number.isdigit() and len(number) < 9 and int(number) < len(segments)):
        raise NotFound("There is no such segment.")
    path = Path(segments[int(number)][0])
    return FileResponse(path, media_type=_KIND, stat_result=path.stat(), headers={"cache-control": "private"})


def _joined(paths: list[Path]) -> Response:
    """Send the segments one after the other. Concatenated AAC files are an AAC file."""

    async def body() -> AsyncIterator[bytes]:
        for path in paths:
            yield await asyncio.to_thread(path.read_bytes)

    size = sum(path.stat().st_size for path in paths)
    return StreamingResponse(body(), headers={"content-length": str(size)}, media_type=_KIND)
