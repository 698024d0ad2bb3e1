"""Journals, where the engine's facts are kept (the only SQL in the project), and files."""

from spaceport.store.backup import backup
from spaceport.store.files import Draft, FileLimits, FileStore, Held
from spaceport.store.known import Known
from spaceport.store.memory import MemoryJournal
from spaceport.store.partials import Partials
from spaceport.store.secrets import secret_file
from spaceport.store.sqlite import Durability, SqliteJournal, has_unfinished
from spaceport.store.webhooks import has_due

__all__ = [
    "Draft",
    "Durability",
    "FileLimits",
    "FileStore",
    "Held",
    "Known",
    "MemoryJournal",
    "Partials",
    "SqliteJournal",
    "backup",
    "has_due",
    "has_unfinished",
    "secret_file",
]
