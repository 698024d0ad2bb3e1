"""Whose token a request carries. `api/credentials.py` says which headers are secret and how a bearer token is read."""

from __future__ import annotations

from collections.abc import Mapping

from spaceport.api.credentials import SECRET_HEADERS, bearer, is_private
from spaceport.hub.identity.accounts import Accounts, Identity

__all__ = ["SECRET_HEADERS", "identify", "is_private"]


def identify(accounts: Accounts, headers: Mapping[bytes, bytes]) -> Identity:
    """Who makes a request with these headers (in lower case). Raises `Unauthenticated` for an invalid token."""
    return accounts.identify(bearer(headers))
