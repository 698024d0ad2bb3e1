"""Whose token a request carries. `api/credentials.py` says which headers are secret and how a bearer token is read."""

from __future__ import annotations

from collections.abc import Mapping

from spaceport.api.credentials import SECRET_HEADERS, bearer, is_private
from spaceport.hub.identity.caller import Identity
from spaceport.hub.identity.tokens import Tokens

__all__ = ["SECRET_HEADERS", "identify", "is_private"]


def identify(tokens: Tokens, headers: Mapping[bytes, bytes], address: str) -> Identity:
    """Who makes a request with these headers (in lower case). Raises `Unauthenticated` for an invalid token."""
    return tokens.identify(bearer(headers), address)
