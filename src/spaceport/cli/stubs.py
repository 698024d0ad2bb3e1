"""`spaceport stubs SRC > my_space.py` writes a typed Python module for an app, ours or Gradio's."""

from __future__ import annotations

import argparse
import asyncio

from spaceport.client.async_client import AsyncClient
from spaceport.snippets.stubs import Described, stubs


def show(arguments: argparse.Namespace) -> int:
    print(asyncio.run(_text(arguments.src)), end="")
    return 0


async def _text(src: str) -> str:
    async with AsyncClient(src, verbose=False) as client:
        app = (await client.connect()).app
    named = app.info.get("named_endpoints", {})
    streams = {one.name for one in app.endpoints.values() if one.streams}
    return stubs(src, [Described(name, info, name in streams) for name, info in named.items()])
