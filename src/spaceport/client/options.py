"""What both clients are made with, checked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spaceport.client import environment
from spaceport.client.connection import Connection
from spaceport.client.core.files import is_url
from spaceport.client.network import Settings


@dataclass(slots=True)
class Options:
    """`folder` None: outputs stay descriptions. `timeout` seconds for a whole call, None: as long as it takes."""

    src: str
    token: str | None
    verbose: bool
    auth: tuple[str, str] | None
    network: Settings
    headers: dict[str, str]
    folder: Path | None
    hub: str
    oauth_token: str | None
    timeout: float | None

    @classmethod
    def read(
        cls,
        src: str,
        *,
        token: str | None,
        max_workers: int,
        verbose: bool,
        auth: tuple[str, str] | None,
        network: Settings,
        headers: Mapping[str, str] | None,
        download_files: str | Path | bool,
        hub: str | None,
        oauth_token: str | None,
        timeout: float | None,
    ) -> Options:
        """Raises `ValueError` for what cannot be meant."""
        if max_workers < 1:
            raise ValueError("max_workers is at least 1.")
        folder = None
        if download_files is not False:
            folder = environment.download_folder() if download_files is True else Path(download_files)
            if folder.is_file():
                raise ValueError(f"download_files: {folder} is a file, not a folder.")
        return cls(
            src, token, verbose, auth, network, dict(headers or {}), folder, environment.hub(hub), oauth_token, timeout
        )

    async def open(self, say: Callable[[str], None]) -> tuple[Connection, str | None]:
        """A connection, and the Space's id if `src` named one."""
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
