"""The proxy that the environment or the system names for a server: the forms of curl and httpx."""

from __future__ import annotations

import ipaddress
import os
import re
import sys

from spaceport.client.transport.base import Origin


def proxy_of_environment(origin: Origin) -> str | None:
    """`http_proxy`, `https_proxy` or `all_proxy`, unless `no_proxy` names the server. `host:port` is an HTTP proxy."""
    named = any(name.lower().endswith("_proxy") for name in os.environ)
    if not named and sys.platform not in ("win32", "darwin"):
        return None  # spares the import, which costs more than a call
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    if "no" in proxies:
        if bypasses(origin, proxies["no"]):
            return None
    elif sys.platform in ("win32", "darwin") and proxy_bypass(origin.host):
        return None
    found = proxies.get(origin.scheme) or proxies.get("all")
    return f"http://{found}" if found and "://" not in found else found


def bypasses(origin: Origin, no_proxy: str) -> bool:
    """Whether `no_proxy` names a server.

    Its entries have commas or blanks between them: `*`, a domain (with what is below it, with or without a dot or `*.`
    before it), an address, a network like 127.0.0.0/8; each with a port or a scheme if only these are meant.
    """
    return any(_matches(origin, entry) for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry)


def _matches(origin: Origin, entry: str) -> bool:
    if entry == "*":
        return True
    scheme, found, rest = entry.partition("://")
    if found and scheme not in ("all", origin.scheme):
        return False
    host, port = _split(rest if found else entry)
    if port and port != str(origin.port):
        return False
    address, network = _address(origin.host), _network(host)
    if address is not None or network is not None:
        return address is not None and network is not None and address.version == network.version and address in network
    name, server = host.removeprefix("*").strip("."), origin.host.rstrip(".")
    return bool(name) and (server == name or server.endswith(f".{name}"))


def _split(text: str) -> tuple[str, str]:
    """Host and port of `host`, `host:port`, `::1`, `[::1]` or `[::1]:port`."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](/\d+)?(?::(\d+))?", text)
    if bracketed:
        return bracketed[1] + (bracketed[2] or ""), bracketed[3] or ""
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, ""


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
