"""Finds a file on a server of ours without sending it: by its hash, and a few of its pieces as proof of possession."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from spaceport.client.core.files import safe_name
from spaceport.client.core.responses import parse_json
from spaceport.client.http import Http

_CHUNK = 1 << 20
_PIECES_MAX = 1 << 20
"""Bytes of pieces that a server may ask for."""


async def find_uploaded(http: Http, prefix: str, path: Path, size: int) -> str | None:
    """The server's path of the file, or None if the file must be uploaded."""
    digest = await asyncio.to_thread(_sha256, path)
    about = urlencode({"sha256": digest, "size": size, "name": safe_name(path.name)})
    address = f"{prefix}upload/known?{about}"
    response, body = await http.fetch("POST", address)
    asked = parse_json(body)
    if response.status != 200 or not isinstance(asked, dict):
        return None
    pieces = _pieces_of(asked.get("pieces"), size)
    if not pieces:
        return None
    response, body = await http.fetch("POST", address, content=await asyncio.to_thread(_read, path, pieces))
    found = parse_json(body)
    return found[0] if response.status == 200 and isinstance(found, list) and found and type(found[0]) is str else None


def _pieces_of(asked: Any, size: int) -> list[tuple[int, int]]:
    """The offsets and lengths that a server asks for; empty where they are no pieces of the file, or too many."""
    import msgspec

    try:
        pieces = msgspec.convert(asked, list[tuple[int, int]])
    except msgspec.ValidationError:
        return []
    inside = all(offset >= 0 and length > 0 and offset + length <= size for offset, length in pieces)
    return pieces if inside and sum(length for _, length in pieces) <= _PIECES_MAX else []


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _read(path: Path, pieces: list[tuple[int, int]]) -> bytes:
    with path.open("rb") as file:
        found = []
        for offset, length in pieces:
            file.seek(offset)
            found.append(file.read(length))
    return b"".join(found)
