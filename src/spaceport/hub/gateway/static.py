"""Serves the files of Spaces whose sdk is `static`: pages without an app behind them.

Starlette's `StaticFiles` does it: media types, ranges, ETags, and no file outside of the folder.
"""

from __future__ import annotations

import asyncio
import posixpath
from collections import OrderedDict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from spaceport.errors import NotFound
from spaceport.hub.runtime.builder import checked_out
from spaceport.hub.spaces.directory import Spaces
from spaceport.store.hub.ports import SpaceRow

_DEFAULT_PAGE = "index.html"
_MAX_CACHED = 256


class StaticSpaces:
    """`data` is the hub's folder."""

    def __init__(self, spaces: Spaces, data: Path) -> None:
        self._spaces = spaces
        self._data = data
        self._served: OrderedDict[int, tuple[str, str, StaticFiles]] = OrderedDict()
        """By the Space's id: a revision, the name of its page, and its files."""

    async def serve(self, space: SpaceRow, path: str, scope: Any, receive: Any, send: Any) -> None:
        """Answer a `GET` or `HEAD`. `path` is the one below the Space's address. Raises `NotFound`.

        A page in a folder is served at its own address, because its links are relative to that.
        """
        page, files = await self._files(space)
        if path == "/" and "/" in page:
            await RedirectResponse(quote(page), 307)(scope, receive, send)
            return
        file = page if path == "/" else path.lstrip("/")
        try:
            response = await files.get_response(file, {**scope, "root_path": ""})
        except HTTPException as error:
            raise NotFound(f"{space.full_name} has no file {file[:200]} ({error.status_code}).") from None
        await response(scope, receive, send)

    async def _files(self, space: SpaceRow) -> tuple[str, StaticFiles]:
        head = self._spaces.head(space)
        if head is None:
            raise NotFound(f"{space.full_name} has no files yet.")
        found = self._served.get(space.id)
        if found is None or found[0] != head:
            found = self._served[space.id] = await asyncio.to_thread(self._open, space, head)
            while len(self._served) > _MAX_CACHED:
                self._served.popitem(last=False)
        return found[1], found[2]

    def _open(self, space: SpaceRow, head: str) -> tuple[str, str, StaticFiles]:
        folder = checked_out(self._spaces.repo(space), self._data / space.folder, head)
        named = self._spaces.card(space, head).get("app_file")
        page = posixpath.normpath(named).lstrip("/") if isinstance(named, str) else _DEFAULT_PAGE
        return head, page, StaticFiles(directory=folder, html=True)
