"""Names of owners and Spaces, and the addresses that a Space gets (docs/internals/hub-api.md §1.4)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from spaceport.errors import InvalidInput
from spaceport.store.hub.lookalikes import skeleton

_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?")
_SEPARATORS = re.compile(r"[/_.-]+")
_LABEL = 63
_DIGEST = 12
_RULE = "letters, digits, '-', '_' and '.', at most 96, without '--' and '..', and without '.git' at the end"


def check(name: str, what: str) -> str:
    """The name itself. Raises `InvalidInput` for a name that Hugging Face's client would refuse."""
    if not _PART.fullmatch(name) or "--" in name or ".." in name or name.endswith(".git"):
        raise InvalidInput(f"{what} must be made of {_RULE}; {name[:100]!r} is not.")
    return name


_RESERVED = frozenset(
    [
        "about",
        "account",
        "accounts",
        "administrator",
        "anonymous",
        "api",
        "apps",
        "assets",
        "auth",
        "billing",
        "blog",
        "collections",
        "dashboard",
        "confirm-email",
        "datasets",
        "docs",
        "everyone",
        "favicon.ico",
        "gradio_api",
        "forgot",
        "health",
        "healthz",
        "help",
        "hub",
        "index.html",
        "join",
        "legal",
        "login",
        "logout",
        "mcp",
        "me",
        "metrics",
        "models",
        "moderator",
        "new",
        "none",
        "notifications",
        "null",
        "oauth",
        "official",
        "open",
        "organizations",
        "papers",
        "pricing",
        "privacy",
        "readyz",
        "reset",
        "resolve",
        "robots.txt",
        "root",
        "search",
        "security",
        "security.txt",
        "self",
        "settings",
        "shared",
        "sign-in",
        "sign-up",
        "signin",
        "signup",
        "sitemap.xml",
        "space",
        "spaceport",
        "spaces",
        "staff",
        "static",
        "status",
        "support",
        "system",
        "tasks",
        "terms",
        "undefined",
        "user",
        "users",
        "webhooks",
        "www",
    ]
)
"""What an owner may not be called: words of addresses, and what sounds like the hub itself."""
_LOOK_RESERVED = frozenset(skeleton(name) for name in _RESERVED)
"""Nor what a reader takes for one of them."""


def check_unreserved(name: str) -> str:
    """The name itself, for a new user or organization. Raises `InvalidInput`."""
    plain = name.lower()
    if not _LOOK_RESERVED.isdisjoint(skeleton(one) for one in (name, plain, plain.replace("1", "i"))):
        raise InvalidInput(f"The name {name!r} is reserved. Choose another one.")
    return name


def subdomain(owner: str, name: str, *, taken: bool = False) -> str:
    """The first label of a Space's own host: `Owner/My_space.v2` → `owner-my-space-v2`.

    `ann-x/y` and `ann/x-y` must not get the same label, nor may the label of one tell whether the other, which may be
    private, exists. So a Space gets a hash at its label's end, behind `--`, wherever its owner's name has a separator;
    all others of the same plain label are then of one owner. Labels that are too long, or `taken`, have a hash too.
    """
    plain = _SEPARATORS.sub("-", f"{owner}/{name}".lower()).strip("-")
    if len(plain) <= _LABEL and not taken and not _SEPARATORS.search(owner):
        return plain
    digest = hashlib.sha256(f"{owner}/{name}".lower().encode()).hexdigest()[:_DIGEST]
    return f"{plain[: _LABEL - _DIGEST - 2].rstrip('-') or 'space'}--{digest}"


LOCAL_DOMAIN = "localhost"
"""Browsers resolve names below it to their own machine; most programs do not."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


@dataclass(frozen=True, slots=True)
class AppAddresses:
    """Where the Spaces' apps are reached. `port` is the gateway's; `url` its public root, where a proxy stands in
    front; below `domain` each Space has a host, and so an origin, of its own."""

    port: int | None
    url: str | None = None
    domain: str = LOCAL_DOMAIN

    def by_path(self, space: str, scheme: str, hostname: str) -> str:
        """The address for programs, with the slash at its end that clients join paths to. `hostname`: the hub's."""
        return f"{self.url or f'{scheme}://{hostname}{self._port}'}/{space}/"

    def by_host(self, subdomain: str, scheme: str, hostname: str) -> str | None:
        """The address for browsers, also with a slash; None where the Space's own host cannot be reached.

        `subdomain` may be `*`.
        """
        if self.domain == LOCAL_DOMAIN and (self.url is not None or hostname not in _LOOPBACK):
            return None
        if self.url is None:
            return f"{scheme}://{subdomain}.{self.domain}{self._port}/"
        public = urlsplit(self.url)
        port = "" if public.port is None else f":{public.port}"
        return f"{public.scheme}://{subdomain}.{self.domain}{port}/"

    @property
    def _port(self) -> str:
        return "" if self.port is None else f":{self.port}"
