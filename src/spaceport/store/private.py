"""Files and folders that only this user may read, whatever the umask is and whoever made them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

_WITH_DATABASE = ("-wal", "-shm", "-journal")


def private_folder(path: Path) -> None:
    """Create a folder, or withdraw other users' access to one that exists."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    _withdraw(path)


def private_database(path: Path) -> None:
    """Create an empty database file, or withdraw other users' access to one that exists and to its log.

    SQLite gives the log the permissions of the database. Never raises: SQLite reports a file that cannot be opened.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for suffix in ("", *_WITH_DATABASE):
        _withdraw(Path(f"{path}{suffix}"))


def secret_file(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a key file that only this user may read; `make` gives it if the file does not exist."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        _withdraw(path)
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(content := make())
    return content


def _withdraw(path: Path) -> None:
    """Take other users' access away; what this user may do stays as it is: a read-only file stays one."""
    with contextlib.suppress(OSError):  # another user's, or a file system without permissions
        mode = path.stat().st_mode
        if mode & 0o077:
            path.chmod(mode & 0o700)
