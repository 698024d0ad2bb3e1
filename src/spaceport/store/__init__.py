"""What is kept on disk: journals, files, webhooks and a hub's data. The only SQL of the project."""

from spaceport.store.backup import backup
from spaceport.store.files.dedupe import ContentIndex
from spaceport.store.files.limits import FileLimits
from spaceport.store.files.pending_file import PendingFile
from spaceport.store.files.pins import PinnedFiles
from spaceport.store.files.resumable import ResumableUploads
from spaceport.store.files.store import FileStore
from spaceport.store.journal.database import Durability
from spaceport.store.journal.memory import MemoryJournal
from spaceport.store.journal.sqlite import SqliteJournal, has_unfinished
from spaceport.store.private import secret_file
from spaceport.store.webhooks.sqlite import has_due

__all__ = [
    "ContentIndex",
    "Durability",
    "FileLimits",
    "FileStore",
    "MemoryJournal",
    "PendingFile",
    "PinnedFiles",
    "ResumableUploads",
    "SqliteJournal",
    "backup",
    "has_due",
    "has_unfinished",
    "secret_file",
]
