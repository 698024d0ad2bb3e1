"""The text of a token: a prefix, random characters, and a check sum of them.

So one which was typed wrong, or that lies about somewhere, is told from other text. Tokens from before have no check
sum, and stay valid.
"""

from __future__ import annotations

import secrets
import string
import zlib

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM = 28
_CHECK = 6


def make_secret(prefix: str) -> str:
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"{prefix}{random}{_check_sum(random)}"


def is_well_formed(secret: str) -> bool:
    """Whether a text is a token with its check sum."""
    prefix, _, rest = secret.rpartition("_")
    random = rest[:_RANDOM]
    return prefix.startswith("hf") and rest == f"{random}{_check_sum(random)}" and len(random) == _RANDOM


def _check_sum(text: str) -> str:
    """CRC-32 in base 62, as GitHub's tokens have it."""
    number, digits = zlib.crc32(text.encode("utf-8", "replace")), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
