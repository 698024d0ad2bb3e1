"""The seams to passwords and to the sessions of browsers (the contract of ports.py holds for them)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in, without its secret. `device`: what the browser says it is."""

    id: int
    user: str
    device: str
    address: str
    created_at: float
    used_at: float
    expires_at: float


class SessionStore(Protocol):
    def add_session(
        self, digest: bytes, user: int, device: str, address: str, now: float, expires_at: float, keep: int
    ) -> None:
        """Add a session; the user keeps the `keep` that were used last."""
        ...

    def session(self, digest: bytes) -> Session | None:
        """The session whose secret has this digest, expired or not. Read with every request: cached."""
        ...

    def session_by_id(self, session: int) -> Session | None:
        """As `session`; an id is given again once its session is gone."""
        ...

    def sessions(self, user: int) -> list[Session]:
        """Of a user, the one used last first."""
        ...

    def session_used(self, session: int, address: str, now: float) -> None: ...

    def remove_session(self, user: int, session: int) -> bool:
        """End a session of this user; whether there was one."""
        ...

    def remove_sessions(self, user: int, *, but: int | None = None) -> None:
        """End all sessions of a user, but one."""
        ...

    def purge_sessions(self, now: float) -> None:
        """Remove those that have expired."""
        ...


class EmailStore(Protocol):
    def email(self, user: int) -> str:
        """A user's address for mail; empty for none."""
        ...

    def set_email(self, user: int, address: str) -> None:
        """An empty one removes it."""
        ...

    def users_of_email(self, address: str) -> list[str]:
        """The names of those who have it, without regard to case, by name."""
        ...


class PasswordStore(Protocol):
    def password(self, user: int) -> str | None:
        """The hash of a user's password."""
        ...

    def set_password(self, user: int, hashed: str, now: float) -> None:
        """All links to reset it end, too."""
        ...

    def add_reset(self, digest: bytes, user: int, now: float, expires_at: float) -> None:
        """Those that have expired are removed."""
        ...

    def reset_user(self, digest: bytes, now: float) -> str | None:
        """Whose password the link with this digest resets, while it is valid."""
        ...

    def use_reset(self, digest: bytes, now: float) -> bool:
        """Use it up; False where it is not valid any more."""
        ...
