"""What both clients are made with, checked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spaceport.client import environment
from spaceport.client.connection import Connection
from spaceport.client.core.files import is_url
from spaceport.client.http import Settings

DOWNLOADS = object()
"""Stands for "the default folder": it is looked up when a client is made, not when this module is imported."""


@dataclass(slots=True)
class Options:
    """`folder` None: outputs stay descriptions. `timeout` seconds for a whole call, None: as long as it takes."""

    src: str
    token: str | None
    max_workers: int
    verbose: bool
    auth: tuple[str, str] | None
    settings: Settings
    headers: dict[str, str]
    folder: Path | None
    hub: str
    oauth_token: str | None
    timeout: float | None

    @classmethod
    def read(
        cls,
        src: str,
        token: str | None = None,
        max_workers: int = 40,
        verbose: bool = True,
        auth: tuple[str, str] | None = None,
        httpx_kwargs: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        download_files: Any = DOWNLOADS,
        ssl_verify: bool = True,
        hub: str | None = None,
        oauth_token: str | None = None,
        timeout: float | None = None,
        analytics_enabled: bool = False,  # noqa: ARG003  the peer's; nothing is ever reported to anyone
    ) -> Options:
        """Raises `TypeError` and `ValueError` for what cannot be meant."""
        if max_workers < 1:
            raise ValueError("max_workers is at least 1.")
        folder = None
        if download_files is not False:
            folder = environment.download_folder() if download_files in (DOWNLOADS, True) else Path(download_files)
            if folder.is_file():
                raise ValueError(f"download_files: {folder} is a file, not a folder.")
        return cls(
            src,
            token,
            max_workers,
            verbose,
            auth,
            Settings.read(httpx_kwargs, ssl_verify=ssl_verify),
            dict(headers or {}),
            folder,
            environment.hub(hub),
            oauth_token,
            timeout,
        )

    async def open(self, say: Callable[[str], None]) -> tuple[Connection, str | None]:
        """A connection, and the Space's id if `src` named one."""
        base, space_id, token = self.src.rstrip("/") + "/", None, self.token
        if not is_url(self.src):
            from spaceport.client.hub import resolve

            space_id, token = self.src, self.token or environment.stored_token()
            base = await resolve(self.src, self.hub, token, self.settings, say, None)
        connection = await Connection.open(
            base,
            self.settings,
            token=token,
            headers=self.headers,
            auth=self.auth,
            folder=self.folder,
            oauth_token=self.oauth_token,
        )
        say(f"Loaded as API: {connection.http.base}")
        return connection, space_id
