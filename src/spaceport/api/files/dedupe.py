"""`POST upload/known`: content that the server has already need not be uploaded again."""

from __future__ import annotations

import asyncio
import re

from spaceport.api.exchange import HttpExchange
from spaceport.errors import InvalidInput

_PROOF_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


async def upload_known(request: HttpExchange) -> None:
    """`POST upload/known?sha256=&size=&name=`: avoid an upload.

    Without a body the answer has offsets and lengths of pieces that prove possession of the content. With these pieces
    as the body, one after the other, it has the file's path, as `upload` does. 404: the content must be uploaded.
    """
    digest, size, name = request.query("sha256") or "", request.query("size") or "", request.query("name") or ""
    if not _SHA256.fullmatch(digest) or not (size.isascii() and size.isdigit() and len(size) < 20):
        raise InvalidInput("Send sha256 (64 hexadecimal digits), size (bytes) and name.")
    about = bytes.fromhex(digest), int(size), name, request.user or ""
    data, known = await request.body(_PROOF_BYTES, request.context.options.body_timeout_s), request.context.files.known
    if data:
        await request.json([str(await asyncio.to_thread(known.verify_possession, *about, request.caller_key, data))])
    else:
        await request.json({"pieces": await asyncio.to_thread(known.pieces, *about)})
