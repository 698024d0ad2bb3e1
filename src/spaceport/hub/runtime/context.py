"""What the parts of one Space's runtime share: its record, its stage and why it has that, and its run log."""

from __future__ import annotations

import asyncio

import msgspec

from spaceport.hub.runtime.logs import Log, Pipe
from spaceport.hub.runtime.parts import RuntimeParts
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.store.hub.ports import SpaceRow

MAX_FAILURES = 5
"""How often in a row a replica may end by itself soon after its start; then the Space is a RUNTIME_ERROR."""


class Broken(msgspec.Struct, frozen=True):
    """Why a revision does not run, as a file says after a restart of the hub."""

    stage: str
    error: str
    commit: str | None


class RuntimeContext:
    """`space` is its newest record. The stages are those of `SpaceRuntime`."""

    def __init__(self, space: SpaceRow, parts: RuntimeParts) -> None:
        self.space = space
        self.parts = parts
        self.paths = SpacePaths(parts.data / space.folder)
        self.stage = "STOPPED"
        self.error: str | None = None
        self.commit: str | None = None
        """The revision that runs, is being started, or could not be."""
        self.failures = 0
        """Replicas in a row that ended by themselves soon after their start, or did not start."""
        self.starting: asyncio.Task[None] | None = None
        """Moves the Space to RUNNING."""
        self.pipe: Pipe | None = None
        """Reads what the app prints."""

    @property
    def is_starting(self) -> bool:
        return self.starting is not None and not self.starting.done()

    def head(self) -> str | None:
        """The newest revision."""
        return self.parts.spaces.head(self.space)

    def is_trusted(self) -> bool:
        return self.parts.limits.trusts or self.parts.spaces.is_admins(self.space)

    def desired_by(self, commit: str | None) -> int:
        """How many replicas a revision asks for, within the limit."""
        return self.parts.limits.desired_replicas(self.parts.spaces.card(self.space, commit))

    def fail(self, error: str) -> None:
        """Keep why it does not run: nothing starts it again until its owner changes something."""
        self.error = error
        self.paths.broken.write_bytes(msgspec.json.encode(Broken(self.stage, error, self.commit)))

    def open_pipe(self) -> None:
        """Read what the app prints."""
        self.paths.make()
        if self.pipe is None:
            self.pipe = Pipe(self.paths.output, Log(self.paths.run_log))

    def say(self, text: str) -> None:
        """Add a line of the hub's own to the run log."""
        if self.pipe is not None:
            self.pipe.say(text)
