"""The second factor beside a password: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

A code counts once (RFC 6238 §5.2): of the time step that was used last, and of those before, none is taken any more.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from spaceport.errors import Conflict, InvalidInput
from spaceport.hub.identity.passwords import Passwords
from spaceport.store import secret_file
from spaceport.store.hub.factor_ports import SecondFactorStore
from spaceport.store.hub.ports import Owner

_STEP_S = 30
_SKEW = (0, -1, 1)
"""Time steps that a device's clock may be off."""
_RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 16
_PART = 4
_MAX_CODE = 64
_WRONG = "This is not the code that the authenticator app shows now. Check the clock of the device."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is told: the secret, as an address and as a picture of that, in a `data:` URL."""

    secret: str
    uri: str
    picture: str


class SecondFactor:
    """The second factors in the hub's store. The secrets are encrypted with the key in `key_file`."""

    def __init__(self, store: SecondFactorStore, passwords: Passwords, key_file: Path) -> None:
        self._store = store
        self._passwords = passwords
        self._cipher = Fernet(secret_file(key_file, Fernet.generate_key))

    def is_on(self, user: Owner) -> bool:
        found = self._store.totp(user.id)
        return found is not None and found.confirmed

    def recovery_codes_left(self, user: Owner) -> int:
        return self._store.recovery_codes(user.id)

    def start(self, user: Owner, hub_name: str) -> Enrolment:
        """A secret for an app; `confirm` makes it count. Raises `Conflict` where there is one, or no password."""
        import pyotp
        import segno

        if not self._passwords.has(user):
            raise Conflict("A second factor is asked for after a password: set a password first.")
        secret: str = pyotp.random_base32()
        if not self._store.begin_totp(user.id, self._cipher.encrypt(secret.encode()), time.time()):
            raise Conflict("There is a second factor already: turn it off first.")
        uri: str = pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=hub_name)
        picture: str = segno.make(uri, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
        return Enrolment(secret, uri, picture)

    def confirm(self, user: Owner, code: str) -> list[str]:
        """Turn it on; recovery codes, which are shown only now. Raises `Conflict`, `InvalidInput` for a wrong code."""
        found = self._store.totp(user.id)
        if found is None or found.confirmed:
            raise Conflict("There is nothing to confirm: begin with a new second factor.")
        step = self._step_of(found.secret, code)
        if step is None:
            raise InvalidInput(_WRONG)
        codes = _new_codes()
        self._store.confirm_totp(user.id, step, [_digest(one) for one in codes])
        return codes

    def check(self, user: Owner, code: str) -> bool:
        """Whether it is a code that was not used before, of the app or for recovery; it is used up."""
        found, plain = self._store.totp(user.id), _plain(code)
        if found is None or not found.confirmed or not plain:
            return False
        if len(plain) == _CODE_LENGTH:
            return self._store.use_recovery_code(user.id, _digest(plain))
        step = self._step_of(found.secret, plain)
        return step is not None and self._store.use_totp_step(user.id, step)

    def new_recovery_codes(self, user: Owner) -> list[str]:
        """Those from before are worth nothing any more. Raises `Conflict` where there is no second factor."""
        if not self.is_on(user):
            raise Conflict("There is no second factor that these could replace.")
        codes = _new_codes()
        self._store.set_recovery_codes(user.id, [_digest(one) for one in codes])
        return codes

    def turn_off(self, user: Owner) -> None:
        """Raises `Conflict` where there is none."""
        if not self._store.remove_totp(user.id):
            raise Conflict(f"{user.name} has no second factor.")

    def _step_of(self, encrypted: bytes, code: str) -> int | None:
        """The time step whose code this is."""
        import pyotp

        app = pyotp.TOTP(self._cipher.decrypt(encrypted).decode())
        now = int(time.time()) // _STEP_S
        given = _plain(code).encode()
        steps = [now + skew for skew in _SKEW if hmac.compare_digest(app.generate_otp(now + skew).encode(), given)]
        return steps[0] if steps else None


def _new_codes() -> list[str]:
    """Each has 79 bits, so that its plain digest can be stored."""
    return ["-".join(_part() for _ in range(_CODE_LENGTH // _PART)) for _ in range(_RECOVERY_CODES)]


def _part() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_PART))


def _plain(code: str) -> str:
    """A code as people type it, in groups and in any case."""
    return "".join(code[:_MAX_CODE].split()).replace("-", "").lower()


def _digest(code: str) -> bytes:
    return hashlib.sha256(_plain(code).encode()).digest()
