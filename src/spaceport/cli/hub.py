"""`spaceport hub`."""

from __future__ import annotations

import argparse
import os

import uvloop

from spaceport.cli import logs
from spaceport.cli.memory import collect_seldom
from spaceport.hub.app import HubOptions, run_hub
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.identity.group_rules import parse_group_rules
from spaceport.hub.identity.mail import MailOptions
from spaceport.hub.identity.openid import ProviderOptions
from spaceport.hub.runtime.fleet import FleetLimits
from spaceport.hub.state import ADMIN, Hub
from spaceport.settings import HubSettings, Settings, hub_folder, load, load_hub, size
from spaceport.space.launcher import bind

_FIRST_PORT = 8000


def serve(arguments: argparse.Namespace) -> int:
    settings, own = load(), load_hub(vars(arguments))
    logs.configure(settings)
    logs.traces("spaceport-hub")
    os.umask(0o077)  # the data folder may have been there before, open to all
    hub = Hub(hub_folder(own))
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
        if token is not None:
            link = f"{address}/reset/{hub.passwords.make_reset(ADMIN)}"
            print(f"* To sign in with a browser, set its password within a day: {link}", flush=True)
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
        own.apps_domain,
        url,
        trust_forwarded=settings.trust_forwarded,
        body_timeout_s=settings.body_timeout_s,
        forwarded_per_caller=settings.forwarded_max_per_caller,
    )
    hub_url = own.url.rstrip("/")
    return HubOptions(
        gateway, limits, own.upstream_hub, own.adopt_within, own.sign_up, hub_url, _openid(own), mail_options(own)
    )


def mail_options(own: HubSettings) -> MailOptions | None:
    """Raises `InvalidInput`."""
    return MailOptions(own.smtp_url, own.smtp_from) if own.smtp_url else None


def _openid(own: HubSettings) -> ProviderOptions | None:
    """Raises `InvalidInput` for options with which nobody could sign in."""
    if not own.oidc_issuer:
        return None
    return ProviderOptions(
        own.oidc_issuer,
        own.oidc_client_id,
        own.oidc_client_secret,
        own.oidc_name,
        own.oidc_scopes,
        own.oidc_groups_claim,
        parse_group_rules(own.oidc_groups),
    )
