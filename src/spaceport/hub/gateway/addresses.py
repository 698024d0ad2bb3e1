"""Which Space a request is for: by `/owner/name/…` at the apps' address (path form), or by a host of its own."""

from __future__ import annotations

import time
from typing import Any, NamedTuple
from urllib.parse import unquote

from spaceport.api.origins import host_of
from spaceport.errors import NotFound, Unauthenticated
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.gateway.visits import cookie_name, visit_of
from spaceport.hub.identity.access import acts_for_user, must_see
from spaceport.hub.identity.address import address_group, caller_address
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.hub.identity.credentials import identify
from spaceport.hub.identity.payer import Payer
from spaceport.hub.names import AppAddresses
from spaceport.hub.state import Hub
from spaceport.store.hub.ports import SpaceRow

MISSING = "There is no such Space, or you may not see it: send a token (Authorization: Bearer hf_…)."
"""The one answer for Spaces that are missing and for private ones of others."""


_DECIDING = (
    b"host",
    b"authorization",
    b"x-hf-authorization",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-for",
)
"""The headers that decide about a target, of a request with neither of `_PERSONAL`."""
_PERSONAL = (b"cookie", b"x-ip-token")
_KEPT_S = 1.0
_MAX_KEPT = 4096
_MAX_KEY = 2048
"""Bytes of a path and of headers; those of nearly all requests have fewer."""


class Target(NamedTuple):
    """A request's Space and caller, and the Space's address as the caller sees it."""

    space: SpaceRow
    identity: Identity
    payer: Payer
    scheme: str
    host: str
    prefix: str
    """`/owner/name` in the path form, else empty."""
    moved: bool
    """Set where the request's address is a former one of the Space."""
    raw: bytes
    """The path below the Space's address, with its first slash, quoted as it came."""

    @property
    def root(self) -> str:
        return f"{self.scheme}://{self.host}{self.prefix}"

    @property
    def caller(self) -> str:
        """Whose limits the request counts against: the user's, else its address's."""
        return f"user:{self.payer.user}" if self.payer.user else f"address:{address_group(self.payer.address)}"

    @property
    def quoted_path(self) -> str:
        return str(self.raw, "latin-1")

    @property
    def path(self) -> str:
        path = str(self.raw, "latin-1")
        return unquote(path) if "%" in path else path


class Location(NamedTuple):
    """Where a request goes, as far as its address says. The fields are those of `Target`."""

    space: SpaceRow | None
    scheme: str
    host: str
    raw: bytes
    by_path: bool


_NOTHING_KEPT: tuple[float, Target | None] = 0.0, None


class Addresses:
    """Finds the target of a request."""

    def __init__(self, hub: Hub, options: GatewayOptions) -> None:
        self._hub = hub
        self._options = options
        self._kept: dict[tuple[Any, ...], tuple[float, Target]] = {}
        """The targets of a moment ago, and until when they count: a program sends many requests alike."""
        self._kept_version = 0
        """The version of the store that they were made from."""

    def resolve(self, scope: Any, headers: dict[bytes, bytes]) -> Target:
        """Raises `NotFound` for a Space that is missing, or that the caller may not see."""
        if _PERSONAL[0] in headers or _PERSONAL[1] in headers:
            return self._resolve(scope, headers)
        version, now = self._hub.store.version, time.monotonic()
        if version != self._kept_version or len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
            self._kept_version = version
        raw: bytes = scope["raw_path"]
        pieces, client = raw.split(b"/", 3), scope.get("client")
        key = (*pieces[1:3], scope["scheme"], client and client[0], *[headers.get(name) for name in _DECIDING])
        until, target = self._kept.get(key, _NOTHING_KEPT)
        if until > now and target is not None:
            rest = (b"/" + pieces[3] if len(pieces) > 3 else b"") if target.prefix else raw or b"/"
            return Target(*target[:-1], rest)
        target = self._resolve(scope, headers)
        if sum(len(part) for part in key if part) <= _MAX_KEY:
            self._kept[key] = min(now + _KEPT_S, now + target.identity.valid_s), target
        return target

    def _resolve(self, scope: Any, headers: dict[bytes, bytes]) -> Target:
        found = self.locate(scope, headers)
        address = caller_address(scope, headers, trust_forwarded=self._options.trust_forwarded)
        identity = self._identify(headers, address)
        named = found.space or self._find_moved(found, scope)
        if identity.owner is None and named is not None and b"cookie" in headers:
            name = cookie_name(found.scheme, found.host, by_path=found.by_path)
            visitor = self._hub.visits.identify(visit_of(scope["headers"], name), named)
            identity = identity if visitor is NOBODY else visitor
        space = must_see(identity, named)
        if not acts_for_user(identity, space):
            identity = self._hub.accounts.nobody()
        given_token = headers.get(b"x-ip-token")
        payer = self._hub.payer_tokens.payer(
            identity, address, None if given_token is None else str(given_token, "latin-1")
        )
        prefix = f"/{space.full_name}" if found.by_path else ""
        return Target(space, identity, payer, found.scheme, found.host, prefix, found.space is None, found.raw)

    def _find_moved(self, found: Location, scope: Any) -> SpaceRow | None:
        """The Space that had the address before."""
        if found.by_path:
            return self._hub.spaces.find_moved(*_names(scope))
        return self._hub.spaces.find_moved_by_subdomain(found.host.partition(".")[0])

    def locate(self, scope: Any, headers: dict[bytes, bytes]) -> Location:
        """Which Space the address names, whoever may see it."""
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        host = host_of(headers, trust_forwarded=self._options.trust_forwarded)
        if self._options.trust_forwarded:
            scheme = _first(headers, b"x-forwarded-proto") or scheme
        name = host.rpartition(":")[0 if ":" in host else 2]
        label, _, domain = name.lower().rstrip(".").partition(".")
        raw: bytes = scope["raw_path"]
        if domain == self._options.domain:
            return Location(self._hub.spaces.find_by_subdomain(label), scheme, host, raw or b"/", by_path=False)
        rest = raw.split(b"/", 3)[3:]
        space = self._hub.spaces.find(*_names(scope))
        return Location(space, scheme, host, b"/" + rest[0] if rest else b"", by_path=True)

    def own_address(self, target: Target) -> str | None:
        """The Space's address on its own host, where browsers find it; None where they do not."""
        host, colon, port = target.host.rpartition(":")
        if not colon or not port.isdigit():
            host, port = target.host, ""
        apps = AppAddresses(int(port) if port else None, self._options.apps_url, self._options.domain)
        return apps.by_host(target.space.subdomain, target.scheme, host)

    def _identify(self, headers: dict[bytes, bytes], address: str) -> Identity:
        try:
            return identify(self._hub.tokens, headers, address)
        except Unauthenticated:
            raise NotFound(MISSING) from None


def _names(scope: Any) -> tuple[str, str]:
    """The owner and the name of the path form; empty where there are none."""
    owner, name = (*scope["path"].split("/")[1:3], "", "")[:2]
    return owner, name


def _first(headers: dict[bytes, bytes], name: bytes) -> str:
    return str(headers.get(name, b""), "latin-1").split(",")[0].strip()
