"""Signs the ID tokens of OpenID Connect, and gives the public keys that apps verify them with.

One private key signs. Another can take its place at any time: the public half of the one before is shown beside it
until the last token that it signed has expired, and its private half is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from spaceport.errors import Conflict
from spaceport.store import secret_file

ALGORITHM = "RS256"
"""The one that every client of OpenID Connect knows."""
MAX_LIFETIME_S = 30 * 86_400.0
"""Of an ID token: what a README may ask for at most."""
_BITS = 2048
_MAX_FORMER = 20


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key that signs no more. `until`: its last token has expired then, in seconds since the epoch."""

    public: dict[str, Any]
    until: float


@dataclass(frozen=True, slots=True)
class _Key:
    private: rsa.RSAPrivateKey
    public: dict[str, Any]


class IdTokens:
    """`key_file` is created with the first token, if it is missing; beside it a file has the former public keys.

    Any process may change the key: every use looks whether its file is another one. Blocks; any thread may use it.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._former_file = key_file.with_name(f"{key_file.stem}-former.json")
        self._lock = threading.Lock()
        """Guards what was read."""
        self._read: tuple[tuple[int, int], _Key] | None = None
        """Which file it was, by inode and time, and the key in it."""

    def sign(self, claims: Mapping[str, Any], lifetime_s: float) -> str:
        """An ID token with these claims, and the times."""
        now, key = int(time.time()), self._key()
        body = {**claims, "iat": now, "exp": now + int(min(lifetime_s, MAX_LIFETIME_S))}
        token: str = _jwt().encode(body, key.private, ALGORITHM, {"kid": key.public["kid"]})
        return token

    def keys(self) -> dict[str, Any]:
        """The JSON Web Key Set: the key that signs is the first."""
        return {"keys": [self._key().public, *(one.public for one in self.former())]}

    def former(self) -> list[FormerKey]:
        """The keys whose tokens may still be valid, newest first."""
        try:
            found = [FormerKey(one["public"], one["until"]) for one in json.loads(self._former_file.read_text())]
        except FileNotFoundError:
            return []
        current, now = self._key().public["kid"], time.time()
        return [one for one in found if one.until > now and one.public["kid"] != current]

    def rotate(self) -> str:
        """Sign with a new key from now on; its id. Raises `Conflict` where there are too many former ones."""
        with self._alone():
            before, former = self._key(), self.former()
            if len(former) >= _MAX_FORMER:
                raise Conflict(f"{_MAX_FORMER} former keys still have valid tokens. Wait until the oldest has none.")
            found = [FormerKey(before.public, time.time() + MAX_LIFETIME_S), *former]
            text = json.dumps([{"public": one.public, "until": one.until} for one in found])
            _replace(self._former_file, text.encode())  # before the key: a crash in between loses nothing
            _replace(self._key_file, _make())
        return str(self._key().public["kid"])

    def _key(self) -> _Key:
        with self._lock:
            version = _version_of(self._key_file)  # before it is read: one that comes in between is read next time
            if self._read is None or self._read[0] != version:
                self._read = version, _load(secret_file(self._key_file, _make))
            return self._read[1]

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Entered by one process and one thread at a time."""
        with self._key_file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _version_of(path: Path) -> tuple[int, int]:
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        return found.st_ino, found.st_mtime_ns
    return 0, 0


def _replace(path: Path, content: bytes) -> None:
    """Write a file that is never seen half written, and that only this user may read."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    secret_file(draft, lambda: content)
    draft.replace(path)


def _load(content: bytes) -> _Key:
    found = serialization.load_pem_private_key(content, None)
    assert isinstance(found, rsa.RSAPrivateKey)
    public: dict[str, Any] = _jwt().algorithms.RSAAlgorithm.to_jwk(found.public_key(), as_dict=True)
    kid = hashlib.sha256(public["n"].encode()).hexdigest()[:16]
    return _Key(
        found, {"kty": public["kty"], "n": public["n"], "e": public["e"], "use": "sig", "alg": ALGORITHM, "kid": kid}
    )


def _make() -> bytes:
    key = rsa.generate_private_key(65537, _BITS)
    unencrypted = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)


def _jwt() -> Any:
    """The library is loaded with the first token: see payer.py."""
    import jwt

    return jwt
