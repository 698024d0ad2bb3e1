"""The hub's composition root: builds all its parts and runs its two servers, the API and the apps' gateway."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import uvicorn

from spaceport.api.origins import OriginRules, rules_for
from spaceport.api.protocol import http_protocol
from spaceport.hub.api.request import HubContext
from spaceport.hub.gateway.app import Gateway
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.gateway.websockets import WebSocketProtocol
from spaceport.hub.hfapi.app import build
from spaceport.hub.hfapi.mirror import Upstream
from spaceport.hub.identity.mail import Mailer, MailOptions
from spaceport.hub.identity.openid import OpenIdProvider, ProviderOptions
from spaceport.hub.identity.sign_in import SignIn
from spaceport.hub.names import AppAddresses
from spaceport.hub.queues import SpaceQueues
from spaceport.hub.runtime.environment import ReplicaEnvironment
from spaceport.hub.runtime.fleet import Fleet, FleetLimits
from spaceport.hub.state import Hub
from spaceport.observe import tracing
from spaceport.runner.local.runner import LocalRunner
from spaceport.settings import Settings, names


@dataclass(frozen=True)
class HubOptions:
    """How a hub runs, beside the settings. `upstream_hub`: a hub that is asked for models and datasets.

    `url`: where browsers find the hub, if something stands in front of it. `sign_up`: who may make an account
    (`HubContext.sign_up`). `adopt_within_s`: how long replicas outlive a hub that was killed, unless another one adopts
    them.
    """

    gateway: GatewayOptions
    limits: FleetLimits = field(default_factory=FleetLimits)
    upstream_hub: str | None = None
    adopt_within_s: float = 600.0
    sign_up: str = "invited"
    url: str = ""
    openid: ProviderOptions | None = None
    mail: MailOptions | None = None


async def run_hub(
    hub: Hub,
    settings: Settings,
    options: HubOptions,
    address: str,
    api_socket: socket.socket,
    apps_socket: socket.socket,
) -> None:
    """Serve the hub's API and, on a port of their own, its Spaces, until SIGTERM or SIGINT.

    `address`: where its Spaces find the hub. The hub's folder must have been claimed.
    """
    upstream = Upstream(options.upstream_hub, settings.upstream_token) if options.upstream_hub else None
    runner = LocalRunner(options.limits.processes, orphan_s=options.adopt_within_s)
    apps = AppAddresses(apps_socket.getsockname()[1], options.gateway.apps_url, options.gateway.domain)
    environment = ReplicaEnvironment(hub.spaces, hub.variables, hub.clients, address, apps)
    fleet = Fleet(hub.spaces, hub.data, options.limits, runner, environment)
    hub_url = options.url or ("" if options.gateway.apps_url else address)
    queues = SpaceQueues(hub.spaces, hub.data, settings, fleet, hub.payer_tokens, hub_url)
    origins = _origins(settings, options.gateway, address, api_socket.getsockname()[0])
    gateway = Gateway(hub, fleet, queues, replace(options.gateway, origins=origins, hub_url=hub_url))
    sign_in = SignIn(hub.accounts, hub.passwords, hub.second_factor, hub.data / "devices.key")
    openid = None if options.openid is None else OpenIdProvider(options.openid)
    mailer = None if options.mail is None else Mailer(options.mail)
    context = HubContext(
        hub,
        fleet,
        queues,
        apps,
        sign_in,
        settings,
        options.sign_up,
        options.url,
        openid,
        mailer,
        options.url or address,
    )
    api = build(context, upstream, origins)
    servers = {
        _Server(_config(api, settings)): api_socket,
        _Server(_config(gateway, settings, ws=WebSocketProtocol, date_header=False)): apps_socket,
    }

    stopping: set[asyncio.Task[None]] = set()

    async def drain_and_exit() -> None:
        await queues.drain()
        for server in servers:
            server.should_exit = True

    def stop() -> None:
        fleet.stopping = True
        if stopping:  # it was asked twice: who asks does not want to wait
            for server in servers:
                server.should_exit = True
        else:
            stopping.add(asyncio.ensure_future(drain_and_exit()))

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    hub.storage.start()
    counting = asyncio.ensure_future(asyncio.to_thread(hub.storage.count_all))
    await fleet.start()
    queues.start()
    try:
        await asyncio.gather(*(server.serve(sockets=[at]) for server, at in servers.items()))
    finally:
        await queues.stop()
        await fleet.stop()
        hub.storage.stop()
        await counting
        await asyncio.to_thread(tracing.flush)
        if upstream is not None:
            await upstream.close()
        if mailer is not None:
            await mailer.close()
        if openid is not None:
            await openid.close()


def _origins(settings: Settings, gateway: GatewayOptions, address: str, listening: str) -> OriginRules:
    """The hub answers to its addresses, to those of its Spaces, and to what the operator names."""
    spaces = [address, gateway.apps_url or "", gateway.domain, f".{gateway.domain}"]
    return rules_for(listening, names(settings.allowed_hosts), spaces, any_host=settings.trust_forwarded)


class _Server(uvicorn.Server):
    """A server that leaves signals to the hub, which has two of these."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(
    app: Any, settings: Settings, *, ws: type[WebSocketProtocol] | Literal["none"] = "none", date_header: bool = True
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=http_protocol(settings.head_timeout_s),
        ws=ws,
        lifespan="off",
        date_header=date_header,  # the gateway's is the Space's own
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
