"""Signs the ID tokens of OpenID Connect, and gives the public key that apps verify them with."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from spaceport.store import secret_file

ALGORITHM = "RS256"
"""The one that every client of OpenID Connect knows."""
_BITS = 2048


class IdTokens:
    """`key_file` is created with the first token, if it is missing. Blocks then: making a key takes a moment."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def sign(self, claims: Mapping[str, Any], lifetime_s: float) -> str:
        """An ID token with these claims, and the times."""
        now = int(time.time())
        body = {**claims, "iat": now, "exp": now + int(lifetime_s)}
        token: str = _jwt().encode(body, self._key, ALGORITHM, {"kid": self._public["kid"]})
        return token

    def keys(self) -> dict[str, Any]:
        """The JSON Web Key Set."""
        return {"keys": [self._public]}

    @functools.cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        found = serialization.load_pem_private_key(secret_file(self._key_file, _make), None)
        assert isinstance(found, rsa.RSAPrivateKey)
        return found

    @functools.cached_property
    def _public(self) -> dict[str, Any]:
        found: dict[str, Any] = _jwt().algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        kid = hashlib.sha256(found["n"].encode()).hexdigest()[:16]
        return {"kty": found["kty"], "n": found["n"], "e": found["e"], "use": "sig", "alg": ALGORITHM, "kid": kid}


def _make() -> bytes:
    key = rsa.generate_private_key(65537, _BITS)
    unencrypted = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)


def _jwt() -> Any:
    """The library is loaded with the first token: see payer.py."""
    import jwt

    return jwt
