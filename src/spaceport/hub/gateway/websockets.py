"""Websockets between a caller and a replica: messages both ways, as they come, until one side ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

_MESSAGE = 16 << 20
_CONNECT = aiohttp.ClientWSTimeout(ws_close=5)
_REFUSED = 1011


async def relay(
    http: aiohttp.ClientSession, url: str, headers: Mapping[str, str], scope: Any, receive: Any, send: Any
) -> None:
    """`receive` has not been called yet. A replica that takes no websocket refuses it for the caller too."""
    await receive()
    protocols = scope.get("subprotocols") or ()
    try:
        upstream = await http.ws_connect(
            url, headers=headers, protocols=protocols, max_msg_size=_MESSAGE, timeout=_CONNECT, autoping=True
        )
    except (aiohttp.ClientError, asyncio.TimeoutError):
        await send({"type": "websocket.close", "code": _REFUSED})
        return
    async with upstream:
        await send({"type": "websocket.accept", "subprotocol": upstream.protocol})
        there = asyncio.ensure_future(_up(upstream, receive))
        back = asyncio.ensure_future(_down(upstream, send))
        done, left = await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        if back in done:
            await send({"type": "websocket.close", "code": _code(upstream.close_code)})
        else:
            await upstream.close(code=_code(there.result()))


async def _up(upstream: Any, receive: Any) -> int | None:
    """From the caller; the code it ended with."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            code: int | None = message.get("code")
            return code
        text = message.get("text")
        if text is not None:
            await upstream.send_str(text)
        else:
            await upstream.send_bytes(message.get("bytes") or b"")


async def _down(upstream: Any, send: Any) -> None:
    async for message in upstream:
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        else:
            return


def _code(code: int | None) -> int:
    """One that may be sent (RFC 6455, section 7.4.1)."""
    return code if code is not None and (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999) else 1000
