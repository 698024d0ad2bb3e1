"""`spaceport hub`, and its accounts: `spaceport users`, `spaceport tokens`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from spaceport.api.protocol import http_protocol
from spaceport.cli import logs
from spaceport.cli.memory import collect_seldom
from spaceport.hub.gateway.app import Gateway
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.hfapi.app import build
from spaceport.hub.hfapi.mirror import Upstream
from spaceport.hub.queues import SpaceQueues
from spaceport.hub.runtime.fleet import Fleet, FleetLimits
from spaceport.hub.state import Hub
from spaceport.observe import tracing
from spaceport.settings import Settings, hub_folder, load, size
from spaceport.space.launcher import bind

_DAY_S = 86_400.0
_FIRST_PORT = 8000


def serve(arguments: argparse.Namespace) -> int:
    settings = load()
    logs.configure(settings)
    logs.traces("spaceport-hub")
    hub = Hub(_folder(arguments))
    hub.claim()
    token = hub.first_admin()
    listening = bind(arguments.host, arguments.port, first=_FIRST_PORT)
    address = f"http://{arguments.host}:{listening.getsockname()[1]}"
    if token is not None:
        print(f"* The user admin was made. This token is shown once: {token}", flush=True)
    print(f"* The hub is at {address}  (export HF_ENDPOINT={address})", flush=True)
    apps = bind(arguments.host, arguments.apps_port, first=_FIRST_PORT)
    apps_at = f"http://{arguments.host}:{apps.getsockname()[1]}"
    print(f"* Its Spaces are at {apps_at}/owner/name/", flush=True)
    limits = FleetLimits(
        start_s=arguments.start_timeout,
        sleep_s=arguments.sleep_after,
        memory=size(arguments.memory),
        processes=arguments.processes,
        replicas=arguments.replicas,
        trusts=arguments.trust_spaces,
    )
    apps_url = arguments.apps_url.rstrip("/") if arguments.apps_url else None
    options = GatewayOptions(arguments.apps_domain, apps_url, settings.trust_forwarded)
    upstream = None
    if arguments.upstream_hub:
        upstream = Upstream(arguments.upstream_hub, settings.upstream_token)
    collect_seldom()
    try:
        uvloop.run(_serve(hub, settings, limits, options, upstream, address, listening, apps))
    finally:
        hub.close()
    return 0


async def _serve(
    hub: Hub,
    settings: Settings,
    limits: FleetLimits,
    options: GatewayOptions,
    upstream: Upstream | None,
    address: str,
    listening: socket.socket,
    apps: socket.socket,
) -> None:
    """The hub and, on a port of their own, its apps; until SIGTERM or SIGINT."""
    fleet = Fleet(hub.spaces, hub.values, hub.data, limits)
    fleet.address = address
    queues = SpaceQueues(hub.spaces, hub.data, settings, fleet, hub.visitors)
    gateway = Gateway(hub, fleet, queues, options)
    fleet.begin()
    queues.start()
    api = build(hub, fleet, queues, options.apps_url or apps.getsockname()[1], upstream)
    servers = [_Server(_config(app, settings)) for app in (api, gateway)]
    loop = asyncio.get_running_loop()

    def stop() -> None:
        fleet.stopping = True
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await asyncio.gather(*(one.serve(sockets=[at]) for one, at in zip(servers, (listening, apps), strict=True)))
    finally:
        await queues.stop()
        await fleet.end()
        await asyncio.to_thread(tracing.flush)
        if upstream is not None:
            await upstream.close()


class _Server(uvicorn.Server):
    """Signals are the hub's: it has two of these."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=http_protocol(settings.head_timeout_s),
        ws="websockets-sansio" if isinstance(app, Gateway) else "none",
        lifespan="off",
        date_header=not isinstance(app, Gateway),  # a Space says its own
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


def users(arguments: argparse.Namespace) -> int:
    hub = Hub(_folder(arguments))
    try:
        if arguments.action == "add":
            hub.accounts.add(arguments.name, arguments.tier, admin=arguments.admin)
            token = hub.accounts.mint(arguments.name, "first")
            print(f"The user {arguments.name} was made. This token is shown once: {token}")
        elif arguments.action == "tier":
            hub.accounts.set_tier(arguments.name, arguments.tier)
        else:
            for owner in hub.store.owners():
                print(f"{owner.name:<24} {owner.tier:<8} {'admin' if owner.admin else ''}".rstrip())
    finally:
        hub.close()
    return 0


def tokens(arguments: argparse.Namespace) -> int:
    hub = Hub(_folder(arguments))
    try:
        if arguments.action == "add":
            ttl_s = None if arguments.days is None else arguments.days * _DAY_S
            print(hub.accounts.mint(arguments.user, arguments.name, arguments.role, ttl_s))
        elif arguments.action == "revoke":
            hub.accounts.revoke(arguments.user, arguments.name)
        else:
            for token in hub.store.tokens(hub.accounts.named(arguments.user).name):
                ends = "never ends" if token.expires_at is None else f"ends {_day(token.expires_at)}"
                used = "never used" if token.used_at is None else f"used {_day(token.used_at)}"
                print(f"{token.name:<24} {token.shown}…  {token.role:<6} {ends}, {used}")
    finally:
        hub.close()
    return 0


def _folder(arguments: argparse.Namespace) -> Path:
    return hub_folder(arguments.data_dir)


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.timezone.utc).strftime("%Y-%m-%d %H:%M")
