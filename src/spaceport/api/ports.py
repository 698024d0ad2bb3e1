"""What the API asks of files, uploads, webhooks and logins, whoever implements it (a Space, or a hub's queue)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from spaceport.api.asgi import Scope


class Requester(Protocol):
    """A request, as far as logins look at it."""

    scope: Scope
    headers: dict[bytes, bytes]

    @property
    def client(self) -> str:
        """The caller's address, or an empty text."""
        ...


class PendingFile(Protocol):
    """A file that is being uploaded."""

    name: str
    size: int

    def write(self, data: bytes) -> None: ...

    def finish(self) -> Path: ...

    def close(self) -> None: ...


class Files(Protocol):
    """The files of a Space. `owner` may read a file; it counts against the budget of `caller`."""

    def draft(self, name: str, owner: str, caller: str) -> PendingFile: ...

    def readable(self, path: str, owner: str) -> tuple[Path, bool]:
        """Find a file that the owner may download, and whether the author published it. Raises `NotFound`."""
        ...

    async def fetch_remote(self, url: str, owner: str, caller: str) -> Path:
        """Fetch the file at a URL that a function returned. Raises `NotFound` for any other URL."""
        ...

    @property
    def known(self) -> ContentIndex: ...

    def playlist(self, place: str, owner: str) -> Playlist:
        """Raises `NotFound`."""
        ...


class ContentIndex(Protocol):
    """Finds content by its SHA-256, `content`. Both methods raise `NotFound` for content that is not stored."""

    def pieces(self, content: bytes, size: int, name: str, owner: str) -> list[tuple[int, int]]: ...

    def verify_possession(self, content: bytes, size: int, name: str, owner: str, caller: str, data: bytes) -> Path: ...


class Playlist(Protocol):
    """A stream of audio, with the path and the length in seconds of each segment so far."""

    segments: list[tuple[str, float]]

    def text(self) -> str:
        """Render the playlist in the format of HLS."""
        ...


class PartialUpload(Protocol):
    offset: int
    length: int
    path: str | None


class ResumableUploads(Protocol):
    """Uploads that can be interrupted and resumed."""

    def create(self, name: str, owner: str, caller: str, length: int) -> str: ...

    def get(self, upload: str, owner: str) -> PartialUpload: ...

    def writing(self, upload: str, owner: str, offset: int) -> AbstractContextManager[PartialUpload]: ...

    def add(self, upload: str, owner: str, data: bytes) -> PartialUpload: ...

    def finish(self, upload: str, owner: str) -> Path: ...

    def delete(self, upload: str, owner: str) -> None: ...


class WebhookSender(Protocol):
    """Sends webhooks; `webhooks.Webhooks` implements it."""

    def hook(self, job_id: str, user: str | None, url: str, events: str) -> str: ...
    def unhook(self, job_id: str) -> None: ...
    def secret(self, user: str) -> str: ...
    def listing(
        self, *, user: str | None, everybody: bool, job: str | None, state: str | None, before: str | None, limit: int
    ) -> list[Any]: ...
    def get(self, delivery_id: str) -> Any: ...
    def redeliver(self, delivery_id: str) -> None: ...
