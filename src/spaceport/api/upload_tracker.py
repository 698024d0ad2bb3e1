"""How far uploads are, for whoever asks by the id that the uploader chose."""

from __future__ import annotations

from dataclasses import dataclass, field

_TRACKED_MAX = 1000


@dataclass(slots=True)
class UploadProgress:
    """How many bytes of each file have arrived, by name, in the order of the files."""

    bytes: dict[str, int] = field(default_factory=dict)
    done: bool = False


class UploadTracker:
    """The progress of the newest uploads that have an id."""

    def __init__(self) -> None:
        self._tracked: dict[str, UploadProgress] = {}

    def start(self, upload_id: str | None) -> UploadProgress:
        """The progress of a new upload; without an id nobody can ask about it."""
        progress = UploadProgress()
        if upload_id:
            while len(self._tracked) >= _TRACKED_MAX:
                self._tracked.pop(next(iter(self._tracked)))
            self._tracked[upload_id] = progress
        return progress

    def get(self, upload_id: str) -> UploadProgress | None:
        return self._tracked.get(upload_id)
