"""`spaceport hub`, and its accounts: `spaceport users`, `spaceport tokens`."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from pathlib import Path

import uvloop

from spaceport.cli import logs
from spaceport.cli.memory import collect_seldom
from spaceport.hub.app import HubOptions, run_hub
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.runtime.fleet import FleetLimits
from spaceport.hub.state import Hub
from spaceport.settings import HubSettings, Settings, hub_folder, load, load_hub, size
from spaceport.space.launcher import bind

_DAY_S = 86_400.0
_FIRST_PORT = 8000


def serve(arguments: argparse.Namespace) -> int:
    settings, own = load(), load_hub(vars(arguments))
    logs.configure(settings)
    logs.traces("spaceport-hub")
    os.umask(0o077)  # the data folder may have been there before, open to all
    hub = Hub(_folder(arguments))
    try:
        hub.claim()
        api_socket = bind(own.host, own.port, first=_FIRST_PORT)
        apps_socket = bind(own.host, own.apps_port, first=_FIRST_PORT)
        token = hub.first_admin()  # now that nothing can fail: it is shown once
        address = f"http://{own.host}:{api_socket.getsockname()[1]}"
        if token is not None:
            print(f"* The user admin was made. This token is shown once: {token}", flush=True)
        print(f"* The hub is at {address}  (export HF_ENDPOINT={address})", flush=True)
        apps_address = f"http://{own.host}:{apps_socket.getsockname()[1]}"
        print(f"* Its Spaces are at {apps_address}/owner/name/", flush=True)
        collect_seldom()
        uvloop.run(run_hub(hub, settings, _options(own, settings), address, api_socket, apps_socket))
    finally:
        hub.close()
    return 0


def _options(own: HubSettings, settings: Settings) -> HubOptions:
    limits = FleetLimits(
        start_s=own.start_timeout,
        sleep_s=own.sleep_after,
        memory=size(own.memory),
        processes=own.processes,
        replicas=own.replicas,
        trusts=own.trust_spaces,
    )
    url = own.apps_url.rstrip("/") if own.apps_url else None
    gateway = GatewayOptions(
        own.apps_domain, url, trust_forwarded=settings.trust_forwarded, body_timeout_s=settings.body_timeout_s
    )
    return HubOptions(gateway, limits, own.upstream_hub)


def users(arguments: argparse.Namespace) -> int:
    hub = Hub(_folder(arguments))
    try:
        if arguments.action == "add":
            hub.accounts.add(arguments.name, arguments.tier, admin=arguments.admin)
            token = hub.tokens.mint(arguments.name, "first")
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
            print(hub.tokens.mint(arguments.user, arguments.name, arguments.role, ttl_s))
        elif arguments.action == "revoke":
            hub.tokens.revoke(arguments.user, arguments.name)
        else:
            for token in hub.store.tokens(hub.accounts.get_account(arguments.user).name):
                ends = "never ends" if token.expires_at is None else f"ends {_day(token.expires_at)}"
                used = "never used" if token.used_at is None else f"used {_day(token.used_at)}"
                print(f"{token.name:<24} {token.shown}…  {token.role:<6} {ends}, {used}")
    finally:
        hub.close()
    return 0


def _folder(arguments: argparse.Namespace) -> Path:
    return hub_folder(load_hub(vars(arguments)))


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.timezone.utc).strftime("%Y-%m-%d %H:%M")
