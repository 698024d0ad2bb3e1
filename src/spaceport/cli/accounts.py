"""A hub's accounts: `spaceport users`, `spaceport tokens`."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from spaceport.hub.state import Hub
from spaceport.settings import hub_folder, load_hub

_DAY_S = 86_400.0


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
