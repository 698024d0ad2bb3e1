"""A hub's accounts: `spaceport users`, `orgs`, `invites`, `tokens`, `tiers`, `share` and `audit`. The hub may run."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from spaceport.cli.hub import mail_options
from spaceport.errors import Conflict, NotFound
from spaceport.hub.identity.caller import FINE_GRAINED
from spaceport.hub.identity.invitations import Offer
from spaceport.hub.identity.mail import Mailer
from spaceport.hub.identity.tiers import LIMITS
from spaceport.hub.spaces.storage import size_text
from spaceport.hub.state import Hub
from spaceport.settings import hub_folder, load_hub
from spaceport.snippets.quoting import terminal
from spaceport.store.hub.audit_ports import AuditFilter
from spaceport.store.hub.ports import Owner, Token

_DAY_S = 86_400.0
_READS = ("ls", "members", "storage", "check", "log")
_NOT_LOGGED = ("run", "group", "action", "data_dir")


def users(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        match arguments.action:
            case "add":
                hub.accounts.add(arguments.name, arguments.tier, admin=arguments.admin)
                token = hub.tokens.mint(arguments.name, "first")
                print(f"The user {arguments.name} was made. This token is shown once: {token}")
            case "tier":
                hub.accounts.set_tier(arguments.name, arguments.tier)
            case "admin":
                hub.accounts.set_admin(arguments.name, admin=arguments.state == "on")
            case "password":
                print(f"{arguments.hub.rstrip('/')}/reset/{hub.passwords.make_reset(arguments.name)}")
            case "second-factor-off":
                hub.second_factor.turn_off(hub.accounts.get_user(arguments.name))
            case "email":
                hub.emails.set(hub.accounts.get_user(arguments.name), arguments.address)
            case "storage":
                _show_storage(hub, hub.accounts.get_user(arguments.name))
            case "unlink":
                hub.linked_accounts.unlink(hub.accounts.get_user(arguments.name))
            case "rename":
                hub.rename_account(hub.accounts.get_user(arguments.name), arguments.new_name)
            case "rm":
                _remove(hub, hub.accounts.get_user(arguments.name), asks=not arguments.yes)
            case _:
                for owner in hub.store.owners():
                    if not owner.organization:
                        print(f"{owner.name:<24} {owner.tier:<8} {'admin' if owner.admin else ''}".rstrip())
    return 0


def orgs(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        match arguments.action:
            case "add":
                hub.organizations.add(arguments.name, hub.accounts.get_user(arguments.admin))
            case "ls":
                for owner in hub.store.owners():
                    if owner.organization:
                        print(f"{owner.name:<24} {len(hub.organizations.members(owner))} members")
            case _:
                _organization(hub, hub.accounts.get_organization(arguments.name), arguments)
    return 0


def _organization(hub: Hub, organization: Owner, arguments: argparse.Namespace) -> None:
    match arguments.action:
        case "members":
            for member in hub.organizations.members(organization):
                print(f"{member.user:<24} {member.role:<12} since {_day(member.since)}")
        case "tier":
            hub.accounts.set_tier(organization.name, arguments.tier)
        case "storage":
            _show_storage(hub, organization)
        case "role":
            hub.organizations.join(organization.name, hub.accounts.get_user(arguments.user), arguments.role)
            hub.organizations.set_role(organization, arguments.user, arguments.role)
        case "leave":
            hub.organizations.remove_member(organization, arguments.user)
        case "rename":
            hub.rename_account(organization, arguments.new_name)
        case "rm":
            _remove(hub, organization, asks=not arguments.yes)


def invites(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        name = arguments.organization
        organization = None if name is None else hub.accounts.get_organization(name)
        match arguments.action:
            case "add":
                offer = Offer(arguments.days, arguments.uses)
                role = None if organization is None else arguments.role
                secret = hub.invitations.add(organization, role, None, offer)
                link = f"{arguments.hub.rstrip('/')}/join/{secret}"
                print(link, flush=True)
                if arguments.email:
                    _mail(arguments.email, link)
            case "revoke":
                hub.invitations.revoke(organization, arguments.id)
            case _:
                for one in hub.invitations.listing(organization):
                    shown = f"{one.uses_left} uses left, ends {_day(one.expires_at)}"
                    print(f"{one.id:<6} {one.role or 'sign up':<12} {shown}")
    return 0


def tokens(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        match arguments.action:
            case "add":
                ttl_s = None if arguments.days is None else arguments.days * _DAY_S
                role = FINE_GRAINED if arguments.scope else arguments.role
                print(hub.tokens.mint(arguments.user, arguments.name, role, ttl_s, arguments.scope))
            case "revoke":
                hub.tokens.revoke(arguments.user, arguments.name)
            case "check":
                found = hub.tokens.find(sys.stdin.readline().strip())
                print(f"It is {found.owner}'s. To end it: spaceport tokens revoke {found.owner} {found.name!r}")
            case "log":
                for one in hub.audit.of(hub.accounts.get_user(arguments.user), limit=1000):
                    print(f"{_day(one.at)} {one.status} {one.credential:<24} {terminal(one.action)} from {one.address}")
            case _:
                for token in hub.tokens.of(hub.accounts.get_user(arguments.user)):
                    _show_token(hub, token)
    return 0


def _show_token(hub: Hub, token: Token) -> None:
    ends = "never ends" if token.expires_at is None else f"ends {_day(token.expires_at)}"
    used = "never used" if token.used_at is None else f"used {_day(token.used_at)} from {token.address}"
    may = " ".join(hub.tokens.scopes_of(token)) or token.role
    print(f"{token.name:<24} {token.shown}…  {may:<6} {ends}, {used}")


def tiers(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        match arguments.action:
            case "set":
                given = {key: getattr(arguments, key) for key in LIMITS}
                hub.tiers.change(arguments.name, {key: value for key, value in given.items() if value is not None})
            case "reset":
                hub.tiers.reset(arguments.name)
            case _:
                for one in hub.tiers.all().values():
                    calls = f"{one.calls} calls" if one.calls else "any number of calls"
                    streams = f"{one.streams} streams, " if one.streams else ""
                    print(
                        f"{one.name:<16} {one.requests} requests, {one.resolver} files, {one.pages} pages, {calls}, "
                        f"{streams}priority {one.priority}, {one.gpu_s:g} s GPU, "
                        f"{size_text(one.storage) if one.storage else 'any number of bytes'} in Spaces"
                    )
    return 0


def share(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        space = hub.spaces.find(*(arguments.space.split("/", 1) if "/" in arguments.space else ("", "")))
        if space is None:
            raise NotFound(f"There is no Space {arguments.space!r}: give owner/name.")
        match arguments.action:
            case "add":
                hub.sharing.add_guest(space, arguments.guest)
            case "rm":
                hub.sharing.remove_guest(space, arguments.guest)
            case "link":
                print(f"{arguments.hub.rstrip('/')}/shared/{hub.sharing.make_link(space)}")
            case "unlink":
                hub.sharing.end_link(space)
            case _:
                for guest in hub.sharing.guests(space):
                    print(guest)
                if hub.sharing.has_link(space):
                    print("anyone who has its link")
    return 0


def _show_storage(hub: Hub, owner: Owner) -> None:
    found = hub.storage.usage(owner)
    most = f" of the {size_text(found.limit)} that the tier {owner.tier} allows" if found.limit else ""
    print(f"{owner.name}'s Spaces keep {size_text(found.used)}{most}.")


def audit(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        wanted = AuditFilter(arguments.account, arguments.space, arguments.text)
        found, _ = hub.audit.search(wanted, arguments.limit)
        for one in found:
            who = " ".join(part for part in (one.account, one.credential) if part)
            where = f" from {one.address}" if one.address else ""
            about = f" [{one.space}]" if one.space else ""
            print(f"{_day(one.at)} {one.status or '-':<3} {terminal(f'{who:<24} {one.action}{about}')}{where}")
    return 0


def openid_keys(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as hub:
        if arguments.action == "rotate":
            hub.id_tokens.rotate()
        print(f"{hub.id_tokens.keys()['keys'][0]['kid']}  signs")
        for one in hub.id_tokens.former():
            print(f"{one.public['kid']}  is shown until {_day(one.until)}")
    return 0


def _mail(address: str, link: str) -> None:
    """Mail an invitation, whose link is on the terminal already. Raises `Conflict`, `TransportError`."""
    options = mail_options(load_hub({}))
    if options is None:
        raise Conflict("Set SPACEPORT_HUB_SMTP_URL and SPACEPORT_HUB_SMTP_FROM to send mail; the link is valid.")
    text = f"You are invited to a hub:\n\n{link}\n"
    asyncio.run(Mailer(options).send(address, "An invitation", text))


def _remove(hub: Hub, owner: Owner, *, asks: bool) -> None:
    """Delete an account once a person has typed its name. Raises `Conflict` for another answer."""
    print(hub.what_goes_with(owner))
    if asks:
        print(f"Type {owner.name} to delete all of it: ", end="", flush=True)
        if sys.stdin.readline().strip() != owner.name:
            raise Conflict("Nothing was deleted.")
    hub.remove_account(owner)


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[Hub]:
    hub = Hub(hub_folder(load_hub(vars(arguments))))
    try:
        yield hub
        if arguments.action not in _READS:
            hub.audit.record_command(_described(arguments), getattr(arguments, "space", ""))
    finally:
        hub.close()


def _described(arguments: argparse.Namespace) -> str:
    """A command as the log has it."""
    given = ((key, value) for key, value in vars(arguments).items() if key not in _NOT_LOGGED)
    values = [f"{key}={value}" for key, value in given if value not in (None, False, "", [])]
    return " ".join(["spaceport", arguments.group, arguments.action, *values])


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.timezone.utc).strftime("%Y-%m-%d %H:%M")
