"""Where things lie: of one Space, beside its repository; secrets of the hub, in files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SpacePaths:
    """`files` is the app's own folder for files (`GRADIO_TEMP_DIR`); what callers upload lies inside of it."""

    folder: Path
    RECORDS: ClassVar[str] = "replica-*.json"
    BROKEN: ClassVar[str] = "broken.json"

    @property
    def broken(self) -> Path:
        """Why its newest revision does not run."""
        return self.folder / self.BROKEN

    def replica_record(self, epoch: str) -> Path:
        """The record of a replica that runs (`runtime.replicas.ReplicaRecord`)."""
        return self.folder / self.RECORDS.replace("*", epoch)

    @property
    def build_log(self) -> Path:
        return self.folder / "build.log"

    @property
    def notices(self) -> Path:
        """What of the revision that was built last this hub does not do (`runtime.notices`)."""
        return self.folder / "notices.json"

    @property
    def run_log(self) -> Path:
        return self.folder / "run.log"

    @property
    def output(self) -> Path:
        """The named pipe that the app prints into."""
        return self.folder / "output"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def uploads(self) -> Path:
        return self.files / "uploads"

    @property
    def retained_outputs(self) -> Path:
        """Outputs that outlive the replica that made them."""
        return self.folder / "kept"

    @property
    def journal(self) -> Path:
        return self.folder / "jobs.db"

    @property
    def usage(self) -> Path:
        """How many calls it had, by the hour (`queues.usage`)."""
        return self.folder / "usage.json"

    @property
    def documents(self) -> Path:
        """What the app said of itself, by revision."""
        return self.folder / "documents"

    def make(self) -> None:
        """The folders that an app needs."""
        for folder in (self.home, self.temporary, self.files, self.uploads):
            folder.mkdir(parents=True, exist_ok=True)
