"""A PostgreSQL of its own for one measurement: in a temporary folder, on a unix socket alone."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; None where there is no PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """Its connection string."""
    where = programs()
    assert where is not None
    folder = Path(tempfile.mkdtemp(prefix="spaceport-pg-"))
    options: dict[str, int] = {}
    if os.getuid() == 0:  # it refuses to be root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        options = {"user": account.pw_uid, "group": account.pw_gid}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]

    try:
        run(str(where / "initdb"), "-D", str(folder / "data"), "-U", "bench", "-A", "trust", "--locale=C", "-E", "UTF8")
        server = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        run(str(where / "pg_ctl"), "-D", str(folder / "data"), "-o", server, "-w", "start")
        yield f"host={folder} user=bench dbname=postgres"
        run(str(where / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
