"""What both clients are made with, checked once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spaceport.client import environment
from spaceport.client.connection import Connection
from spaceport.client.core.files import is_url
from spaceport.client.network import Settings


@dataclass(slots=True)
class Duplication:
    """The copy of a Space that `Client.duplicate` asks for. `options`: those of the client of the copy."""

    from_id: str
    to_id: str | None
    private: bool
    hardware: str | None
    secrets: dict[str, str]
    sleep_timeout: float
    options: dict[str, Any]


@dataclass(slots=True)
class Options:
    """The options of a client. `folder` is None when outputs stay descriptions; `timeout` is in seconds or None."""

    src: str
    token: str | None
    max_workers: int
    verbose: bool
    auth: tuple[str, str] | None
    network: Settings
    headers: dict[str, str]
    folder: Path | None
    hub: str
    oauth_token: str | None
    timeout: float | None

    @classmethod
    def checked(cls, *, download_files: str | Path | bool, hub: str | None, **options: Any) -> Options:
        """Raises `ValueError` for an option that has no meaning."""
        if options["max_workers"] < 1:
            raise ValueError("max_workers must be at least 1.")
        folder = None
        if download_files is not False:
            folder = environment.download_folder() if download_files is True else Path(download_files)
            if folder.is_file():
                raise ValueError(f"download_files: {folder} is a file, not a folder.")
        return cls(folder=folder, hub=environment.hub(hub), **options)

    async def open(self, say: Callable[[str], None]) -> tuple[Connection, str | None]:
        """Connect. Returns the connection, and the Space's id if `src` named a Space of a hub."""
        base, space_id, token = self.src.rstrip("/") + "/", None, self.token
        if not is_url(self.src):
            from spaceport.client.hub import resolve

            space_id, token = self.src, self.token or environment.stored_token()
            base = await resolve(self.src, self.hub, token, self.network, say, None)
        connection = await Connection.open(
            base,
            self.network,
            token=token,
            headers=self.headers,
            auth=self.auth,
            folder=self.folder,
            oauth_token=self.oauth_token,
        )
        say(f"Loaded as API: {connection.http.base}")
        return connection, space_id
