"""Sessions: which jobs a `queue/data` stream has yet to deliver, and whether anyone is connected to read them.

A job stays undelivered until its end has been written to a stream. After a dropped connection the next reader of the
session gets all messages of each undelivered job again, from its start.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from spaceport.engine import Engine, Job, OnDisconnect, Watcher
from spaceport.errors import NotFound

_CAPACITY = 100_000
_UNDELIVERED_MAX = 10_000
_RECENT_S = 5.0
_RECENT_MAX = 2_000


class Session:
    """`undelivered` holds job ids in order of submission; `user` is the first authenticated user of the session."""

    __slots__ = ("closing", "heartbeats", "id", "joining", "streams", "undelivered", "user")

    def __init__(self, session_id: str, user: str | None) -> None:
        self.id = session_id
        self.user = user
        self.undelivered: OrderedDict[str, None] = OrderedDict()
        self.streams: list[Watcher] = []
        self.heartbeats = 0
        self.joining = 0
        """Joins that have arrived but are not answered yet."""
        self.closing: asyncio.Event | None = None
        """Set once the reader of a stream that said `close_stream` has hung up; None when no stream is closing."""

    @property
    def idle(self) -> bool:
        return not self.undelivered and not self.streams and not self.heartbeats and not self.joining


class Sessions:
    """All sessions in memory. Idle ones cost nothing: they are forgotten at once.

    `closed` is called with a session's id when its last heartbeat ends.
    """

    def __init__(self, engine: Engine, grace_s: float, closed: Callable[[str], None]) -> None:
        self._engine = engine
        self._grace_s = grace_s
        self._closed = closed
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._read: OrderedDict[str, tuple[float, str | None]] = OrderedDict()
        self.listeners: set[Watcher] = set()
        """Watchers of all open streams."""

    def get(self, session_id: str) -> Session | None:
        return self._sessions.get(session_id)

    def check(self, session_id: str, user: str | None) -> None:
        """Raise `NotFound` if the session belongs to another user: nobody learns that it exists."""
        session = self._sessions.get(session_id)
        if session is not None and session.user != user:
            raise NotFound("There is no such session.")

    def open(self, session_id: str, user: str | None) -> Session:
        """The session, made if it is new. Raises `NotFound` if it belongs to another user."""
        self.check(session_id, user)
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = Session(session_id, user)
            while len(self._sessions) > _CAPACITY:
                self._sessions.popitem(last=False)
        return session

    def queue_for_delivery(self, session: Session, job: Job) -> None:
        """Promise a job's messages to the session's readers."""
        session.undelivered[job.id] = None
        while len(session.undelivered) > _UNDELIVERED_MAX:
            session.undelivered.popitem(last=False)
        self._sessions[session.id] = session
        for watcher in session.streams:
            watcher.notify()

    def delivered(self, session: Session, job_id: str) -> None:
        session.undelivered.pop(job_id, None)
        if not session.undelivered:
            self._read[session.id] = (asyncio.get_running_loop().time(), session.user)
            self._read.move_to_end(session.id)
            while len(self._read) > _RECENT_MAX:
                self._read.popitem(last=False)

    def recently_drained(self, session_id: str, user: str | None) -> Session | None:
        """The session, if its last message was delivered a moment ago.

        A client that gets the answer to a join after the job's messages asks for a stream once more.
        """
        when, reader = self._read.get(session_id, (-_RECENT_S, None))
        recent = reader == user and asyncio.get_running_loop().time() - when < _RECENT_S
        return self.open(session_id, user) if recent else None

    def discard_if_idle(self, session: Session) -> None:
        """Forget the session if nothing holds it."""
        if session.idle:
            self._sessions.pop(session.id, None)

    def heartbeat_ended(self, session: Session) -> None:
        session.heartbeats -= 1
        if session.heartbeats == 0:
            self._closed(session.id)
            for job_id in session.undelivered:
                job = self._engine.peek(job_id)
                if job is not None:
                    self.schedule_abandon_check(job)
        self.discard_if_idle(session)

    def wake(self) -> None:
        """Let every session stream look around (the server is stopping)."""
        for watcher in list(self.listeners):  # one may be through then
            watcher.notify()

    def schedule_abandon_check(self, job: Job) -> None:
        """Nobody may be watching this job: if that means cancel, give them some time to come back."""
        if job.on_disconnect is OnDisconnect.CANCEL and not job.state.final:
            asyncio.get_running_loop().call_later(self._grace_s, self._cancel_if_abandoned, job)

    def _cancel_if_abandoned(self, job: Job) -> None:
        session = self._sessions.get(job.session or "")
        watched = job.log.watchers or (session is not None and (session.heartbeats or session.streams))
        if not watched and not job.state.final:
            task = asyncio.ensure_future(self._engine.cancel(job))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
