"""A job: one call, and the only table of how its state may change.

queued ──► running ──► succeeded | failed | cancelled
  ▲  │        │
  │  └────────┼─► cancelled | failed   (cancelled while waiting; could not be restored after a restart)
  └───────────┘   retry: the process or replica died
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from spaceport.engine.updates import UpdateLog

if TYPE_CHECKING:
    from spaceport.engine.executor import Attempt


def new_id(now: float) -> str:
    """32 hexadecimal digits, as Gradio's ids: 48 bits of the time in ms, 80 bits that nobody can guess.

    Ids that grow with time keep a journal's index of them in few pages (RFC 9562, section 6.13).
    """
    return f"{int(now * 1000) & 0xFFFFFFFFFFFF:012x}{os.urandom(10).hex()}"


class State(str, Enum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    __hash__ = str.__hash__  # that of Enum is written in Python, and each call asks several times

    @property
    def final(self) -> bool:
        return self in FINAL


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: FINAL | {State.QUEUED},
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


class OnDisconnect(str, Enum):
    """What it means that nobody watches a job any more."""

    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no result. `message` is None when the author shows no errors to callers."""

    code: str
    message: str | None
    visible: bool = True
    duration_s: float | None = 10
    title: str = "Error"
    shown: bool = False
    """Whether the author raised it for the caller to see (an `Error`, a failed check), so that all fields travel."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. `data` is the encoded result, opaque to the engine; `duration_s` the time it ran."""

    state: State
    data: bytes | None = None
    failure: Failure | None = None
    duration_s: float = 0.0
    average_s: float | None = None
    changed: tuple[int, ...] = ()
    streamed: bool = False
    """Whether at least one output was published before the end."""
    cached: bool = False
    """Whether the result was known before, so that nothing ran."""


@dataclass(slots=True, eq=False)
class Job:
    """One call in memory. Only the engine changes it; everyone else reads."""

    id: str
    endpoint: str
    call: object
    """The decoded call, opaque to the engine; the executor's."""
    user: str | None = None
    session: str | None = None
    own_session: bool = False
    """Whether the caller named the session (otherwise it is private to this job)."""
    priority: int = 0
    retries: int = 0
    on_disconnect: OnDisconnect = OnDisconnect.KEEP
    accepted_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    expires_at: float | None = None
    state: State = State.QUEUED
    attempt: int = 0
    outcome: Outcome | None = None
    ending: bool = False
    """Its outcome is decided but not yet journalled: nobody has been told."""
    durable: bool = True
    """Whether the journal may hold its call (False: it carries a credential and lives in memory)."""
    caller: str = ""
    """Whose turn it takes (engine.line); "": nobody in particular."""
    ticket: tuple[int, int] = (0, 0)
    running: Attempt | None = None
    replica: str = ""
    """What it was last sent to (`Attempt.replica`)."""
    updates: UpdateLog | None = None
    numbers_after: int = 0
    """Its updates have numbers above this one: those of an earlier process stay in the past."""
    request_id: str = ""
    """Of the request that submitted it to this process."""

    @property
    def log(self) -> UpdateLog:
        """Its updates. Made when first asked for: a hundred thousand waiting jobs that nobody watches need none."""
        if self.updates is None:
            self.updates = UpdateLog(self.numbers_after)
        return self.updates

    def move(self, state: State) -> None:
        """Change state. Raises `ValueError` for a move that the table does not have: a bug, never input."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"job {self.id}: no way from {self.state.value} to {state.value}")
        self.state = state
