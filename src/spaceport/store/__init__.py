"""Journals: where the engine's facts are kept. The only SQL in the project."""

from spaceport.store.memory import MemoryJournal
from spaceport.store.sqlite import Durability, SqliteJournal

__all__ = ["Durability", "MemoryJournal", "SqliteJournal"]
