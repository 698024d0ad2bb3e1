"""Second factors and passkeys in the hub's SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.factor_ports import Passkey, Totp

_PASSKEYS = (
    "SELECT p.id, o.name, p.credential, p.public_key, p.sign_count, p.name, p.created_at, p.used_at"
    " FROM passkeys p JOIN owners o ON o.id = p.user"
)


class SqliteSecondFactors:
    """Implements `factor_ports.SecondFactorStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def totp(self, user: int) -> Totp | None:
        rows = self._db.all("SELECT secret, confirmed, last_step FROM totp WHERE user = ?", (user,))
        return Totp(rows[0][0], bool(rows[0][1]), rows[0][2]) if rows else None

    def begin_totp(self, user: int, secret: bytes, now: float) -> bool:
        return bool(
            self._db.run(
                "INSERT INTO totp (user, secret, confirmed, last_step, created_at) VALUES (?, ?, 0, 0, ?)"
                " ON CONFLICT (user) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at"
                " WHERE NOT confirmed",
                (user, secret, now),
            )
        )

    def confirm_totp(self, user: int, step: int, recovery_codes: Sequence[bytes]) -> None:
        with self._db.transaction():
            self._db.run("UPDATE totp SET confirmed = 1, last_step = ? WHERE user = ?", (step, user))
            self._replace_codes(user, recovery_codes)

    def use_totp_step(self, user: int, step: int) -> bool:
        return bool(
            self._db.run(
                "UPDATE totp SET last_step = ? WHERE user = ? AND confirmed AND last_step < ?", (step, user, step)
            )
        )

    def remove_totp(self, user: int) -> bool:
        with self._db.transaction():
            self._replace_codes(user, ())
            return bool(self._db.run("DELETE FROM totp WHERE user = ?", (user,)))

    def set_recovery_codes(self, user: int, digests: Sequence[bytes]) -> None:
        with self._db.transaction():
            self._replace_codes(user, digests)

    def recovery_codes(self, user: int) -> int:
        return int(self._db.all("SELECT count(*) FROM recovery_codes WHERE user = ?", (user,))[0][0])

    def use_recovery_code(self, user: int, digest: bytes) -> bool:
        return bool(self._db.run("DELETE FROM recovery_codes WHERE user = ? AND hash = ?", (user, digest)))

    def _replace_codes(self, user: int, digests: Sequence[bytes]) -> None:
        self._db.run("DELETE FROM recovery_codes WHERE user = ?", (user,))
        for digest in digests:
            self._db.run("INSERT INTO recovery_codes (user, hash) VALUES (?, ?)", (user, digest))


class SqlitePasskeys:
    """Implements `factor_ports.PasskeyStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def add_passkey(
        self, user: int, credential: bytes, public_key: bytes, sign_count: int, name: str, now: float
    ) -> Passkey:
        try:
            self._db.run(
                "INSERT INTO passkeys (user, credential, public_key, sign_count, name, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (user, credential, public_key, sign_count, name, now),
            )
        except sqlite3.IntegrityError:
            raise Conflict("This passkey is registered already.") from None
        found = self.passkey(credential)
        assert found is not None
        return found

    def passkey(self, credential: bytes) -> Passkey | None:
        rows = self._db.all(f"{_PASSKEYS} WHERE p.credential = ?", (credential,))
        return Passkey(*rows[0]) if rows else None

    def passkeys(self, user: int) -> list[Passkey]:
        return [Passkey(*row) for row in self._db.all(f"{_PASSKEYS} WHERE p.user = ? ORDER BY p.id", (user,))]

    def passkey_used(self, passkey: int, sign_count: int, now: float) -> None:
        self._db.run("UPDATE passkeys SET sign_count = ?, used_at = ? WHERE id = ?", (sign_count, now, passkey))

    def rename_passkey(self, user: int, passkey: int, name: str) -> bool:
        return bool(self._db.run("UPDATE passkeys SET name = ? WHERE user = ? AND id = ?", (name, user, passkey)))

    def remove_passkey(self, user: int, passkey: int) -> bool:
        return bool(self._db.run("DELETE FROM passkeys WHERE user = ? AND id = ?", (user, passkey)))
