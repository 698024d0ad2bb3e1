"""`spaceport snippets SRC [ENDPOINT]` prints code that calls a Space, ours or Gradio's, ready to be pasted."""

from __future__ import annotations

import argparse
import asyncio

from spaceport.client import environment
from spaceport.client.async_client import AsyncClient
from spaceport.client.errors import EndpointNotFound
from spaceport.snippets.code import arguments as example_arguments
from spaceport.snippets.code import snippets
from spaceport.snippets.quoting import one_line

_COMMENTS = {"javascript": "//"}


def show(arguments: argparse.Namespace) -> int:
    print(asyncio.run(_text(arguments.src, arguments.endpoint, arguments.language)), end="")
    return 0


async def _text(src: str, endpoint: str | None, language: str | None) -> str:
    async with AsyncClient(src, verbose=False) as client:
        connection = await client.connect()
    named = connection.app.info.get("named_endpoints", {})
    wanted = f"/{endpoint.strip('/')}" if endpoint else None
    if wanted is not None and wanted not in named:
        raise EndpointNotFound(f"There is no endpoint {wanted}. Endpoints: {', '.join(named) or 'none'}.")
    root, prefix = connection.http.base.rstrip("/"), f"/{connection.app.prefix}".rstrip("/")
    hub = environment.hub(None).rstrip("/") if client.space_id else ""
    parts = []
    for name, info in named.items():
        if wanted in (None, name):
            given = example_arguments(info.get("parameters", ()))
            found = snippets(root, prefix, name, given, ours=connection.resumable, space=client.space_id or "", hub=hub)
            parts += [_part(name, kind, code, language) for kind, code in found.items() if language in (None, kind)]
    return "\n".join(parts)


def _part(name: str, kind: str, code: str, language: str | None) -> str:
    return code if language else f"{_COMMENTS.get(kind, '#')} {one_line(name)}, {kind}\n{code}"
