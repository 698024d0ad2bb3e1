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

from spaceport.engine.attempt import Attempt
from spaceport.engine.outcome import FINAL, Outcome, State
from spaceport.engine.updates import UpdateLog


def new_id(now: float) -> str:
    """A job id of 32 hexadecimal digits, like Gradio's: 48 bits of the time in ms, then 80 random bits.

    Ids that grow with time keep the journal's index of them in few pages (RFC 9562, section 6.13).
    """
    return f"{int(now * 1000) & 0xFFFFFFFFFFFF:012x}{os.urandom(10).hex()}"


def caller_of(user: str | None, session: str | None, address: str | None = None) -> str:
    """Whom a job counts for: its user, else the session that its caller named, else the client's address; "" for none.

    Anybody can name a session like somebody's user name or address, which must not become the same caller.
    """
    for kind, one in (("user", user), ("session", session), ("address", address)):
        if one:
            return f"{kind}:{one}"
    return ""


TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: FINAL | {State.QUEUED},
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


class OnDisconnect(str, Enum):
    """What becomes of a job when its last watcher has disconnected."""

    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(slots=True, eq=False)
class Job:
    """One call in memory. Only the engine changes it; everyone else reads."""

    id: str
    endpoint: str
    call: object
    """The decoded call; only the executor looks inside."""
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
    """Set when its outcome is decided, though the journal may not have it yet and no watcher has been told."""
    durable: bool = True
    """Whether the journal may hold its call. False: the call carries a credential, so it stays in memory."""
    caller: str = ""
    """Whose turn it takes in the queue (engine.fair_queue); "" for an unknown caller."""
    ticket: tuple[int, int] = (0, 0)
    running: Attempt[Job] | None = None
    replica: str = ""
    """The id of the replica it was last sent to (`Attempt.replica`)."""
    updates: UpdateLog | None = None
    numbers_after: int = 0
    """The sequence numbers of its updates are above this one, and so above those that an earlier process gave."""
    request_id: str = ""
    """The id of the HTTP request that submitted it."""

    @property
    def log(self) -> UpdateLog:
        """Its updates, created on first use: a hundred thousand waiting jobs without watchers need none."""
        if self.updates is None:
            self.updates = UpdateLog(self.numbers_after)
        return self.updates

    def move(self, state: State) -> None:
        """Change state. Raises `ValueError` for a transition that the table lacks: a bug, never input."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"job {self.id}: no transition from {self.state.value} to {state.value}")
        self.state = state
