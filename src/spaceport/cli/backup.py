"""`spaceport backup SOURCE TARGET` copies a server's data folder while the server runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from spaceport.errors import NotFound, RequestError
from spaceport.settings import journal_folder, load
from spaceport.space.app import SERVER_FILE
from spaceport.store import backup

_REBUILDABLE = frozenset({"environments"})
"""Folders that a hub builds again from requirements."""


def run(arguments: argparse.Namespace) -> int:
    source, target = Path(arguments.source), Path(arguments.target)
    if source.is_file():
        source = journal_folder(load(), str(source.resolve()))
    if not source.is_dir():
        raise NotFound(f"There is no data in {source}.")
    try:
        count = backup(source, target, _REBUILDABLE)
    except OSError as error:
        raise RequestError(f"No backup was made: {error}") from None
    (target / SERVER_FILE).unlink(missing_ok=True)
    print(f"{count} files are in {target}. To use them, start a server with --data-dir {target}")
    return 0
