"""Which addresses are on the public internet: a server that connects on behalf of others connects only to those."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in (
        "fec0::/10",  # site-local, before RFC 4193
        "::/96",  # IPv4 inside of IPv6, before RFC 4291
        "64:ff9b:1::/48",  # NAT64 of a private network: RFC 8215
        "::ffff:0:0:0/96",  # IPv4 inside of IPv6 for translators: RFC 2765
        "3fff::/20",  # documentation: RFC 9637
        "5f00::/16",  # segment routing: RFC 9602
        "192.88.99.0/24",  # relays of 6to4, which leads into private networks: RFC 7526
    )
)


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, also when it hides inside of another."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if any(found in network for network in _PRIVATE if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast
