"""Relays a websocket between a caller and a replica until one side closes it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_MAX_MESSAGE = 16 << 20
_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=5)
_INTERNAL_ERROR = 1011


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, which would keep a pong for each ping of a caller that reads nothing."""

    def handle_ping(self) -> None:
        pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pongs)


async def relay(
    http: aiohttp.ClientSession, url: str, headers: Mapping[str, str], scope: Any, receive: Any, send: Any
) -> None:
    """Connect to the replica and relay messages both ways. Refuses the caller where the replica does.

    `receive` has not been called before.
    """
    await receive()
    protocols = scope.get("subprotocols") or ()
    try:
        upstream = await http.ws_connect(
            url, headers=headers, protocols=protocols, max_msg_size=_MAX_MESSAGE, timeout=_TIMEOUT, autoping=True
        )
    except (aiohttp.ClientError, asyncio.TimeoutError):
        await send({"type": "websocket.close", "code": _INTERNAL_ERROR})
        return
    async with upstream:
        await send({"type": "websocket.accept", "subprotocol": upstream.protocol})
        to_replica = asyncio.ensure_future(_relay_to_replica(upstream, receive))
        to_caller = asyncio.ensure_future(_relay_to_caller(upstream, send))
        try:
            done, _ = await asyncio.wait([to_replica, to_caller], return_when=asyncio.FIRST_COMPLETED)
        finally:
            to_replica.cancel()
            to_caller.cancel()
        failed = [one for one in done if one.exception() is not None]
        if to_caller in done or failed:  # the replica has closed, or is gone
            await send({"type": "websocket.close", "code": _sendable(upstream.close_code)})
        else:
            await upstream.close(code=_sendable(to_replica.result()))


async def _relay_to_replica(upstream: Any, receive: Any) -> int | None:
    """Returns the code that the caller closed the socket with."""
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


async def _relay_to_caller(upstream: Any, send: Any) -> None:
    async for message in upstream:
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        else:
            return


def _sendable(code: int | None) -> int:
    """A close code that an endpoint may send (RFC 6455, section 7.4.1); 1000 in place of any other."""
    return code if code is not None and (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999) else 1000
