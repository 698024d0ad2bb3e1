"""What the operator sets of the gateway."""

from __future__ import annotations

from dataclasses import dataclass

from spaceport.api.origins import ANY_HOST, OriginRules


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """`domain`: every Space has its own host below it. `apps_url`: the public root of the path form, where a proxy
    stands in front of the hub. `trust_forwarded`: believe `X-Forwarded-*`. `max_body`: bytes of a forwarded request."""

    domain: str = "localhost"
    apps_url: str | None = None
    trust_forwarded: bool = False
    origins: OriginRules = ANY_HOST
    hub_url: str = ""
    """The hub's address for browsers, without a slash at its end; empty where it is not known."""
    max_body: int = 1 << 30
    forwarded_per_caller: int = 1000
    """Forwarded requests and websockets that one caller may have open: a user, else an address."""
    access_check_s: float = 4.0
    """How often it is checked that the caller of a request that still runs may see the Space."""
    body_timeout_s: float = 60.0
    """The longest pause between two pieces of a request's body."""
    response_timeout_s: float = 3600.0
    """The longest pause between two pieces of a replica's response."""
