"""Sessions, passwords and addresses for mail in the hub's SQLite file."""

from __future__ import annotations

from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.session_ports import Session

_SESSIONS = (
    "SELECT s.id, o.name, s.device, s.address, s.created_at, s.used_at, s.expires_at"
    " FROM sessions s JOIN owners o ON o.id = s.user"
)


class SqliteSessions:
    """Implements `session_ports.SessionStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def add_session(
        self, digest: bytes, user: int, device: str, address: str, now: float, expires_at: float, keep: int
    ) -> None:
        with self._db.transaction():
            self._db.run(
                "INSERT INTO sessions (hash, user, device, address, created_at, used_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (digest, user, device, address, now, now, expires_at),
            )
            self._db.run(
                "DELETE FROM sessions WHERE user = ? AND id NOT IN"
                " (SELECT id FROM sessions WHERE user = ? ORDER BY used_at DESC, id DESC LIMIT ?)",
                (user, user, keep),
            )

    def session(self, digest: bytes) -> Session | None:
        return self._db.one(lambda row: Session(*row), f"{_SESSIONS} WHERE s.hash = ?", (digest,))

    def session_by_id(self, session: int) -> Session | None:
        return self._db.one(lambda row: Session(*row), f"{_SESSIONS} WHERE s.id = ?", (session,))

    def sessions(self, user: int) -> list[Session]:
        rows = self._db.all(f"{_SESSIONS} WHERE s.user = ? ORDER BY s.used_at DESC, s.id DESC", (user,))
        return [Session(*row) for row in rows]

    def session_used(self, session: int, address: str, now: float) -> None:
        self._db.run("UPDATE sessions SET used_at = ?, address = ? WHERE id = ?", (now, address, session))

    def remove_session(self, user: int, session: int) -> bool:
        return bool(self._db.run("DELETE FROM sessions WHERE user = ? AND id = ?", (user, session)))

    def remove_sessions(self, user: int, *, but: int | None = None) -> None:
        self._db.run("DELETE FROM sessions WHERE user = ? AND id IS NOT ?", (user, but))

    def purge_sessions(self, now: float) -> None:
        self._db.run("DELETE FROM sessions WHERE expires_at <= ?", (now,))


class SqlitePasswords:
    """Implements `session_ports.PasswordStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def password(self, user: int) -> str | None:
        rows = self._db.all("SELECT hash FROM passwords WHERE user = ?", (user,))
        return str(rows[0][0]) if rows else None

    def set_password(self, user: int, hashed: str, now: float) -> None:
        with self._db.transaction():
            self._db.run(
                "INSERT OR REPLACE INTO passwords (user, hash, changed_at) VALUES (?, ?, ?)", (user, hashed, now)
            )
            self._db.run("DELETE FROM password_resets WHERE user = ?", (user,))

    def add_reset(self, digest: bytes, user: int, now: float, expires_at: float) -> None:
        with self._db.transaction():
            self._db.run("DELETE FROM password_resets WHERE expires_at <= ?", (now,))
            self._db.run(
                "INSERT INTO password_resets (hash, user, expires_at) VALUES (?, ?, ?)", (digest, user, expires_at)
            )

    def reset_user(self, digest: bytes, now: float) -> str | None:
        rows = self._db.all(
            "SELECT o.name FROM password_resets r JOIN owners o ON o.id = r.user WHERE r.hash = ? AND r.expires_at > ?",
            (digest, now),
        )
        return str(rows[0][0]) if rows else None

    def use_reset(self, digest: bytes, now: float) -> bool:
        return bool(self._db.run("DELETE FROM password_resets WHERE hash = ? AND expires_at > ?", (digest, now)))


class SqliteEmails:
    """Implements `session_ports.EmailStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def email(self, user: int) -> str:
        rows = self._db.all("SELECT address FROM emails WHERE user = ?", (user,))
        return str(rows[0][0]) if rows else ""

    def set_email(self, user: int, address: str) -> None:
        if address:
            self._db.run("INSERT OR REPLACE INTO emails (user, address) VALUES (?, ?)", (user, address))
        else:
            self._db.run("DELETE FROM emails WHERE user = ?", (user,))

    def users_of_email(self, address: str) -> list[str]:
        sql = "SELECT o.name FROM emails e JOIN owners o ON o.id = e.user WHERE e.address = ? ORDER BY o.name"
        return [str(row[0]) for row in self._db.all(sql, (address,))]
