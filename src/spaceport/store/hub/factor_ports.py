"""The seams to second factors and to passkeys (the contract of ports.py holds for them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Totp:
    """A user's authenticator app. `secret` is encrypted; `last_step`: the time step of the last code that was used."""

    secret: bytes
    confirmed: bool
    last_step: int


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey without its private key, which stays in the user's device. `credential` is how the device names it."""

    id: int
    user: str
    credential: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: float
    used_at: float | None


class SecondFactorStore(Protocol):
    def totp(self, user: int) -> Totp | None: ...

    def begin_totp(self, user: int, secret: bytes, now: float) -> bool:
        """Set a secret that is not confirmed yet; False where there is one that is."""
        ...

    def confirm_totp(self, user: int, step: int, recovery_codes: Sequence[bytes]) -> None:
        """From now on it is asked for. The digests of recovery codes replace earlier ones."""
        ...

    def use_totp_step(self, user: int, step: int) -> bool:
        """Use a time step up; False where it or a later one was used before."""
        ...

    def remove_totp(self, user: int) -> bool:
        """With its recovery codes; whether there was one."""
        ...

    def set_recovery_codes(self, user: int, digests: Sequence[bytes]) -> None: ...

    def recovery_codes(self, user: int) -> int:
        """How many can still be used."""
        ...

    def use_recovery_code(self, user: int, digest: bytes) -> bool:
        """Use one up; False where it is not one of the user's."""
        ...


class PasskeyStore(Protocol):
    def add_passkey(
        self, user: int, credential: bytes, public_key: bytes, sign_count: int, name: str, now: float
    ) -> Passkey:
        """Raises `Conflict` where the credential is known, whosever it is."""
        ...

    def passkey(self, credential: bytes) -> Passkey | None: ...

    def passkeys(self, user: int) -> list[Passkey]:
        """Oldest first."""
        ...

    def passkey_used(self, passkey: int, sign_count: int, now: float) -> None: ...

    def rename_passkey(self, user: int, passkey: int, name: str) -> bool:
        """Whether the user has it."""
        ...

    def remove_passkey(self, user: int, passkey: int) -> bool:
        """Whether the user had it."""
        ...
