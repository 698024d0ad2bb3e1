"""The arguments of the commands about a hub's accounts, from `spaceport users` on; `cli/accounts.py` runs them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any

Run = Callable[[argparse.Namespace], int]
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?(kb|mb|gb|tb|)b?")
_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_ROLES = ("read", "contributor", "write", "admin")


def add(commands: Any, runs: Callable[[str], Run]) -> None:
    """`runs`: gives the function of a command by its name. All of them work while the hub runs."""
    for name, text, actions in (
        ("users", "the users of a hub", _users),
        ("orgs", "the organizations of a hub and their members", _organizations),
        ("invites", "links that let people sign up, or join an organization", _invitations),
        ("tokens", "the tokens of a hub's user", _tokens),
        ("tiers", "what accounts of each tier may use", _tiers),
        ("share", "who may see a private Space beside its owner", _sharing),
        ("audit", "who did what on the hub", _audit),
        ("openid-keys", "the keys that sign ID tokens for apps", _openid_keys),
    ):
        group = commands.add_parser(name, help=text)
        for parser in actions(group.add_subparsers(dest="action", required=True, metavar="ACTION")):
            parser.add_argument("--data-dir", help="folder of the hub (default: $SPACEPORT_HUB_DIR)")
            parser.set_defaults(run=runs(name.replace("-", "_")), group=name)


def _users(actions: Any) -> list[argparse.ArgumentParser]:
    add = actions.add_parser("add", help="make a user; its first token is shown once")
    add.add_argument("name")
    add.add_argument("--tier", default="free", help="free, pro, or one of `tiers ls`")
    add.add_argument("--admin", action="store_true", help="may change everything")
    tier = actions.add_parser("tier", help="change a user's tier")
    tier.add_argument("name")
    tier.add_argument("tier", help="free, pro, or one of `tiers ls`")
    admin = actions.add_parser("admin", help="make a user an admin of the hub, or with `off` no more")
    admin.add_argument("name")
    admin.add_argument("state", choices=("on", "off"))
    password = actions.add_parser("password", help="make a link that sets a user's password, once and within a day")
    password.add_argument("name")
    password.add_argument("--hub", default="", help="the hub's public address, for the whole link")
    factor = actions.add_parser("second-factor-off", help="let a user who has lost the device sign in without it")
    factor.add_argument("name")
    email = actions.add_parser("email", help="set the address for mail of a user whose it is")
    email.add_argument("name")
    email.add_argument("address", nargs="?", default="", help="left out: none")
    storage = actions.add_parser("storage", help="how much a user's Spaces keep")
    storage.add_argument("name")
    unlink = actions.add_parser("unlink", help="end the link to an account of the OpenID Connect provider")
    unlink.add_argument("name")
    rename = actions.add_parser("rename", help="give a user another name; the old one leads to it")
    rename.add_argument("name")
    rename.add_argument("new_name")
    remove = actions.add_parser("rm", help="delete a user with all that belongs to it; says what, and asks")
    remove.add_argument("name")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    return [
        add,
        tier,
        admin,
        password,
        factor,
        email,
        storage,
        unlink,
        rename,
        remove,
        actions.add_parser("ls", help="list users"),
    ]


def _organizations(actions: Any) -> list[argparse.ArgumentParser]:
    add = actions.add_parser("add", help="make an organization")
    add.add_argument("name")
    add.add_argument("admin", help="the user who becomes its admin")
    members = actions.add_parser("members", help="list members with their roles")
    tier = actions.add_parser("tier", help="change how much its Spaces may keep")
    storage = actions.add_parser("storage", help="how much its Spaces keep")
    role = actions.add_parser("role", help="add a member, or change its role")
    leave = actions.add_parser("leave", help="remove a member")
    remove = actions.add_parser("rm", help="delete an organization with its Spaces; says what, and asks")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    rename = actions.add_parser("rename", help="give it another name; the old one leads to it")
    for parser in (members, tier, storage, role, leave, rename, remove):
        parser.add_argument("name")
    tier.add_argument("tier", help="free, pro, or one of `tiers ls`")
    rename.add_argument("new_name")
    for parser in (role, leave):
        parser.add_argument("user")
    role.add_argument("role", choices=_ROLES)
    listing = actions.add_parser("ls", help="list organizations")
    return [add, members, tier, storage, role, leave, rename, remove, listing]


def _invitations(actions: Any) -> list[argparse.ArgumentParser]:
    add = actions.add_parser("add", help="make a link; it is shown once")
    add.add_argument("organization", nargs="?", help="left out: to sign up at the hub")
    add.add_argument("--role", choices=_ROLES, default="read", help="in the organization (default read)")
    add.add_argument("--email", help="mail the link there, too")
    add.add_argument("--days", type=float, default=7.0, help="how long it is valid (default 7)")
    add.add_argument("--uses", type=int, default=1, help="how many may use it (default 1)")
    add.add_argument("--hub", default="", help="the hub's public address, for the whole link")
    listing = actions.add_parser("ls", help="list those that can still be used")
    listing.add_argument("organization", nargs="?")
    revoke = actions.add_parser("revoke", help="end one")
    revoke.add_argument("id", type=int)
    revoke.add_argument("organization", nargs="?")
    return [add, listing, revoke]


def _tokens(actions: Any) -> list[argparse.ArgumentParser]:
    add = actions.add_parser("add", help="make a token; it is shown once")
    add.add_argument("user")
    add.add_argument("name", help="what the token is for")
    add.add_argument("--role", choices=("read", "write"), default="write")
    add.add_argument(
        "--scope",
        action="append",
        default=[],
        help="only this; again for more: ann/app:call, team:write, …:read, …:manage",
    )
    add.add_argument("--days", type=float, help="how long it is valid (default: until it is revoked)")
    revoke = actions.add_parser("revoke", help="end a token at once")
    revoke.add_argument("user")
    revoke.add_argument("name")
    listing = actions.add_parser("ls", help="list tokens")
    listing.add_argument("user")
    check = actions.add_parser("check", help="whose a token is that was found somewhere; reads it from standard input")
    log = actions.add_parser("log", help="what was done with a user's tokens and browsers")
    log.add_argument("user")
    return [add, revoke, listing, check, log]


def _sharing(actions: Any) -> list[argparse.ArgumentParser]:
    add = actions.add_parser("add", help="let a user, or the members of an organization, see and call it")
    remove = actions.add_parser("rm", help="end that")
    listing = actions.add_parser("ls", help="list them")
    link = actions.add_parser("link", help="make a link with which anyone may see and call it; an earlier one ends")
    unlink = actions.add_parser("unlink", help="end its link")
    found = [add, remove, listing, link, unlink]
    for parser in found:
        parser.add_argument("space", help="owner/name")
    for parser in (add, remove):
        parser.add_argument("guest")
    link.add_argument("--hub", default="", help="the hub's public address, for the whole link")
    return found


def _openid_keys(actions: Any) -> list[argparse.ArgumentParser]:
    rotate = actions.add_parser("rotate", help="sign with a new key from now on; tokens of the old one stay valid")
    return [rotate, actions.add_parser("ls", help="which key signs, and which ones did")]


def _audit(actions: Any) -> list[argparse.ArgumentParser]:
    listing = actions.add_parser("ls", help="the newest entries of the log")
    listing.add_argument("--account", help="only what this user did")
    listing.add_argument("--space", help="only what was done to owner/name")
    listing.add_argument("--action", dest="text", help="only what contains this text, like DELETE or /api/sessions")
    listing.add_argument("--limit", type=int, default=100, help="how many (default 100, at most 1000)")
    return [listing]


def _tiers(actions: Any) -> list[argparse.ArgumentParser]:
    change = actions.add_parser("set", help="change a tier, or make one; counts from the next request on")
    change.add_argument("name")
    change.add_argument("--requests", type=int, help="of the hub's API in five minutes")
    change.add_argument("--resolver", type=int, help="files of Spaces in five minutes")
    change.add_argument("--pages", type=int, help="pages of the hub in five minutes")
    change.add_argument("--streams", type=int, help="open at once (0: as the hub's settings say)")
    change.add_argument("--calls", type=int, help="of Spaces in five minutes (0: any number)")
    change.add_argument("--priority", type=int, help="calls of a lower one go first")
    change.add_argument("--gpu-s", type=float, help="seconds of GPU a day")
    change.add_argument("--storage", type=_size, help="of the Spaces of an owner, like 20GB or 500MB (0: any number)")
    reset = actions.add_parser("reset", help="as it came; a tier that an admin has made is gone")
    reset.add_argument("name")
    return [change, reset, actions.add_parser("ls", help="list tiers")]


def _size(text: str) -> int:
    """A number of bytes, maybe with a unit. Raises `ArgumentTypeError`."""
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: give a number of bytes, or one like 20GB")
    return round(float(found[1]) * _UNITS[found[2]])
