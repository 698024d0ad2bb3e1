"""`GET upload_progress`: how far an upload is, as an event stream."""

from __future__ import annotations

import asyncio

from spaceport.api.exchange import HttpExchange
from spaceport.wire.json import encode

_WAIT_S = 3.0
"""How long an upload may take to begin after somebody asks about it."""
_POLL_S = 0.1


async def upload_progress(request: HttpExchange) -> None:
    """Stream how many bytes of each file arrived since the last message. `upload_id` in the query names the upload."""
    upload_id = request.query("upload_id") or ""
    progress = request.context.uploads.get(upload_id)
    for _ in range(round(_WAIT_S / _POLL_S)):
        if progress is not None:
            break
        await asyncio.sleep(_POLL_S)
        progress = request.context.uploads.get(upload_id)
    if progress is None:
        await request.reply(404, b"Upload not found", b"text/plain; charset=utf-8")
        return
    await request.open_stream()
    told: dict[str, int] = {}
    quiet_s = 0.0
    while True:
        done = progress.done
        for name, count in list(progress.bytes.items()):
            if count > told.get(name, 0):
                message = {"msg": "update", "orig_name": name, "chunk_size": count - told.get(name, 0)}
                await request.write(b"data: %b\n\n" % encode(message))
                told[name], quiet_s = count, 0.0
        if done:
            await request.write(b'data: {"msg":"done"}\n\n', more=False)
            return
        if quiet_s >= request.context.options.heartbeat_s:
            await request.write(b'data: {"msg":"heartbeat"}\n\n')
            quiet_s = 0.0
        await asyncio.sleep(_POLL_S)
        quiet_s += _POLL_S
