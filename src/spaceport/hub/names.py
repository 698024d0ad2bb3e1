"""Names of owners and Spaces, and the subdomain that a Space gets (hub.md §1.4)."""

from __future__ import annotations

import hashlib
import re

from spaceport.errors import InvalidInput

_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?")
_LABEL = 63
_RULE = "letters, digits, '-', '_' and '.', at most 96, with none of '--', '..' and '.git' at the end"


def check(name: str, what: str) -> str:
    """The name. Raises `InvalidInput` for one that the Hub's own client would not take."""
    if not _PART.fullmatch(name) or "--" in name or ".." in name or name.endswith(".git"):
        raise InvalidInput(f"{what} is made of {_RULE}; {name[:100]!r} is not.")
    return name


def subdomain(owner: str, name: str, *, taken: bool = False) -> str:
    """`Owner/My_space.v2` → `owner-my-space-v2`; with a hash at its end where that is too long or `taken`."""
    plain = re.sub(r"[/_.]", "-", f"{owner}/{name}".lower()).strip("-")
    if len(plain) <= _LABEL and not taken:
        return plain
    digest = hashlib.sha256(f"{owner}/{name}".lower().encode()).hexdigest()[:8]
    return f"{plain[: _LABEL - 9].rstrip('-')}-{digest}"
