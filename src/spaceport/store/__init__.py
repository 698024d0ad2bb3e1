"""Journals, where the engine's facts are kept (the only SQL in the project), and files."""

from spaceport.store.files import Draft, FileLimits, FileStore
from spaceport.store.known import Known
from spaceport.store.memory import MemoryJournal
from spaceport.store.partials import Partials
from spaceport.store.sqlite import Durability, SqliteJournal

__all__ = ["Draft", "Durability", "FileLimits", "FileStore", "Known", "MemoryJournal", "Partials", "SqliteJournal"]
