"""Documents that are large and the same for many readers, compressed for those who accept it."""

from __future__ import annotations

import asyncio
import functools
import gzip

from spaceport.api.exchange import JSON, HttpExchange

_SMALLEST = 1024
"""Shorter documents are sent as they are: a packet is not filled by them."""


async def reply_document(request: HttpExchange, document: bytes, kind: bytes = JSON) -> None:
    """Answer with a document that holds no secret: the size of what is compressed tells something of it."""
    headers = [(b"vary", b"accept-encoding")]
    if len(document) >= _SMALLEST and "gzip" in request.header(b"accept-encoding"):
        document = await asyncio.to_thread(_packed, document)
        headers.append((b"content-encoding", b"gzip"))
    await request.reply(200, document, kind, headers)


@functools.lru_cache(maxsize=8)
def _packed(document: bytes) -> bytes:
    return gzip.compress(document, 6, mtime=0)
