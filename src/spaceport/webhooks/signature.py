"""Signatures of Standard Webhooks: HMAC-SHA256 of id, time and body, with a secret that the receiver shares."""

from __future__ import annotations

import base64
import hashlib
import hmac

_PREFIX = "whsec_"


def secret_of(key: bytes, whose: str) -> str:
    """The secret of a caller. It is derived from the server's key, so that no secret is stored."""
    return _PREFIX + base64.b64encode(hmac.digest(key, whose.encode(), hashlib.sha256)).decode()


def signed(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of a signed message; `at` is in seconds since the epoch."""
    content = b"%s.%d.%s" % (message_id.encode(), at, body)
    found = hmac.digest(base64.b64decode(secret.removeprefix(_PREFIX)), content, hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": f"{at}",
        "webhook-signature": f"v1,{base64.b64encode(found).decode()}",
    }
