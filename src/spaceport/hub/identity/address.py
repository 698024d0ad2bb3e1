"""The network address that a request comes from, behind a proxy too."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

_IPV6_SITE = 64


def caller_address(scope: Mapping[str, Any], headers: Mapping[bytes, bytes], *, trust_forwarded: bool) -> str:
    """The caller's address; empty where none is known.

    A trusted proxy appends the address that it saw to `X-Forwarded-For`: the last one is its word, those before are
    whatever the caller sent.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if not trust_forwarded:
        return peer
    last = headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip()
    return _parsed(last) or peer


def address_group(address: str) -> str:
    """What is limited together: an IPv4 address, or the /64 that one IPv6 site has for itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _IPV6_SITE), strict=False))


def _parsed(text: str) -> str:
    """An address without its port and brackets; empty for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
