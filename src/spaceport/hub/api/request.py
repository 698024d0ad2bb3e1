"""What a handler of the hub's API may ask of its request: the parts of the hub, the caller, and the Space."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from starlette.requests import Request

from spaceport.api.origins import host_of
from spaceport.errors import Unauthenticated
from spaceport.hub.identity.caller import Identity
from spaceport.hub.identity.device_logins import DeviceLogins
from spaceport.hub.identity.mail import Mailer
from spaceport.hub.identity.oauth_codes import AuthorizationCodes
from spaceport.hub.identity.openid import OpenIdProvider
from spaceport.hub.identity.sign_in import Guesses, SignIn
from spaceport.hub.identity.tickets import Tickets
from spaceport.hub.names import LOCAL_DOMAIN, AppAddresses
from spaceport.hub.queues import SpaceQueues
from spaceport.hub.quotas.commits import CommitLimit
from spaceport.hub.quotas.rate_limits import ApiLimits
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.spaces.blobs import OpenBlobs
from spaceport.hub.state import Hub
from spaceport.settings import Settings
from spaceport.store.hub.ports import Owner, SpaceRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HubContext:
    """The hub's parts."""

    hub: Hub
    fleet: Fleet
    queues: SpaceQueues
    apps: AppAddresses
    sign_in: SignIn
    settings: Settings = field(default_factory=Settings)
    sign_up: str = "invited"
    """Who may make an account: `open`, `invited` (whoever has a link) or `closed`."""
    url: str = ""
    """Where browsers find the hub, if something stands in front of it."""
    openid: OpenIdProvider | None = None
    mailer: Mailer | None = None
    public_url: str = ""
    """The hub's address in mails: never what the request of somebody unknown calls it."""
    tickets: Tickets = field(default_factory=Tickets)
    codes: AuthorizationCodes = field(default_factory=AuthorizationCodes)
    devices: DeviceLogins = field(default_factory=DeviceLogins)
    oauth_requests: Guesses = field(default_factory=Guesses)
    limits: ApiLimits = field(default_factory=ApiLimits)
    commits: CommitLimit = field(default_factory=CommitLimit)
    blobs: OpenBlobs = field(default_factory=OpenBlobs)


def context_of(request: Request) -> HubContext:
    found: HubContext = request.app.state.context
    return found


def hub_of(request: Request) -> Hub:
    return context_of(request).hub


def fleet_of(request: Request) -> Fleet:
    return context_of(request).fleet


def queues_of(request: Request) -> SpaceQueues:
    return context_of(request).queues


def identity_of(request: Request) -> Identity:
    found: Identity = request.state.identity
    return found


def user_of(request: Request) -> Owner:
    """The account of the caller. Raises `Unauthenticated` where the route's row lets others in."""
    found = identity_of(request).owner
    if found is None:
        raise Unauthenticated("Invalid credentials in Authorization header")
    return found


def organization_of(request: Request) -> Owner:
    """The organization that the request's path names, as `space_of`."""
    found: Owner = request.state.organization
    return found


def space_of(request: Request) -> SpaceRow:
    """The Space that the request's path names; the caller may do with it what the route's row in the table says."""
    found: SpaceRow = request.state.space
    return found


def origin_of(request: Request) -> str:
    """The hub's own origin, as the browser or program knows it: its public address, without a slash at its end."""
    headers = dict(request.scope["headers"])
    trusts = context_of(request).settings.trust_forwarded
    forwarded = headers.get(b"x-forwarded-proto", b"").split(b",")[0].strip() if trusts else b""
    scheme = "https" if (forwarded or request.scope["scheme"].encode()) == b"https" else "http"
    return f"{scheme}://{host_of(headers, trust_forwarded=trusts)}"


def scheme_and_host(request: Request) -> tuple[str, str]:
    """Of the hub's own origin; the host without its port."""
    parts = urlsplit(origin_of(request))
    return parts.scheme, parts.hostname or ""


def app_addresses(request: Request) -> Callable[[SpaceRow], str]:
    """Gives the address of a Space's app: a host of its own below a configured domain. Programs do not resolve the
    default one: they get the path form, from where the gateway sends browsers to the Space's own host."""
    apps, (scheme, hostname) = context_of(request).apps, scheme_and_host(request)

    def address(space: SpaceRow) -> str:
        by_host = None if apps.domain == LOCAL_DOMAIN else apps.by_host(space.subdomain, scheme, hostname)
        return by_host or apps.by_path(space.full_name, scheme, hostname)

    return address


def app_origins(request: Request) -> str:
    """The origins of all Spaces' apps, as a content security policy lists them."""
    apps, (scheme, hostname) = context_of(request).apps, scheme_and_host(request)
    found = [apps.by_path("", scheme, hostname), apps.by_host("*", scheme, hostname)]
    return " ".join(one.rstrip("/") for one in found if one)


async def in_thread(work: Callable[[], T]) -> T:
    """Run what waits for git or the disk in a thread, so that the event loop does not."""
    return await asyncio.to_thread(work)
