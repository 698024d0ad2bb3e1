"""`spaceport run` serves a Space, `spaceport call` calls one; `snippets` and `stubs` write code that does."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from spaceport import __version__
from spaceport.cli import account_commands
from spaceport.errors import SpaceportError
from spaceport.snippets.code import LANGUAGES
from spaceport.snippets.quoting import terminal


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0 done, 1 the call or server failed, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except SpaceportError as error:
        print(terminal(f"{error.code}: {error.message}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="spaceport", description="Serve and call Spaces.")
    parser.add_argument("--version", action="version", version=f"spaceport {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="serve a Space from a Python file")
    run.add_argument("app", help="app.py, or app.py:name for the Space in the variable `name`")
    run.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    run.add_argument("--port", type=int, help="port (default: the first free one from 7860; 0: any)")
    run.add_argument("--data-dir", help="folder of the journal")
    run.add_argument("--durability", choices=("memory", "process", "power"), help="what an accepted call survives")
    run.add_argument("--reload", action="store_true", help="restart when a Python file changes; queued calls stay")
    run.set_defaults(run=_run)
    call = commands.add_parser("call", help="call an endpoint and show its result as it comes")
    call.add_argument("src", help="a URL, or owner/name on a hub")
    call.add_argument("endpoint", nargs="?", help="its name; may be left out when there is only one")
    call.add_argument(
        "arguments",
        nargs="*",
        help="values by position, or name=value; JSON where it is JSON; a path or URL for a file",
    )
    call.add_argument("--json", action="store_true", help="print each update as one line of JSON")
    call.add_argument("--files", metavar="DIR", help="folder for files in the result (default: a temporary one)")
    call.add_argument("--token", help="access token of the hub (default: the one that `hf auth login` left)")
    call.add_argument("--user", help="name:password, for a Space that asks for a login")
    call.set_defaults(run=_call)
    deploy = commands.add_parser("deploy", help="put a folder, or one Python file, on a hub as a Space")
    deploy.add_argument("source", help="a folder with app.py, or a Python file")
    deploy.add_argument("space", help="owner/name; made if it is new")
    deploy.add_argument("--hub", help="the hub (default: SPACEPORT_HUB, else HF_ENDPOINT)")
    deploy.add_argument("--token", help="a token that may write (default: HF_TOKEN, or what `hf auth login` left)")
    deploy.add_argument("--private", action="store_true", help="if it is new: only its owner may see it")
    deploy.add_argument("--no-wait", action="store_true", help="do not wait until it runs")
    deploy.set_defaults(run=_deploy)
    code = commands.add_parser("snippets", help="show code that calls a Space")
    code.add_argument("src", help="a URL, or owner/name on a hub")
    code.add_argument("endpoint", nargs="?", help="its name; left out: all")
    code.add_argument("--language", choices=LANGUAGES, help="only this one, without a heading")
    code.set_defaults(run=_snippets)
    _add_hub(commands)
    _add_jobs(commands)
    copy = commands.add_parser("backup", help="copy the data of a server, a Space's or a hub's, while it runs")
    copy.add_argument("source", help="its data folder, or the Python file of a Space")
    copy.add_argument("target", help="a new folder")
    copy.set_defaults(run=_backup)
    stubs = commands.add_parser("stubs", help="write a typed Python module that calls a Space")
    stubs.add_argument("src", help="a URL, or owner/name on a hub")
    stubs.set_defaults(run=_stubs)
    return parser


def _add_jobs(commands: Any) -> None:
    actions = commands.add_parser(
        "jobs", help="list, show, cancel and repeat the calls of a running Space"
    ).add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("ls", help="the newest calls: everybody's for an operator, else one's own")
    show = actions.add_parser("show", help="one call, with its result or error")
    cancel = actions.add_parser("cancel", help="end a call")
    retry = actions.add_parser("retry", help="make a failed call again, as a new one; prints its id")
    for parser in (listing, show, cancel, retry):
        parser.add_argument("src", help="a URL, owner/name on a hub, or a server's Python file or data folder")
        parser.add_argument("--token", help="the operator's token of a Space, or an account's of a hub")
        parser.add_argument("--json", action="store_true", help="print the answer as it is")
        parser.set_defaults(run=_jobs)
    for parser in (show, cancel, retry):
        parser.add_argument("id", help="its id")
    listing.add_argument("--state", help="queued, running, succeeded, failed, cancelled; several with commas")
    listing.add_argument("--endpoint", help="only calls of this one")
    listing.add_argument("--user", help="only this user's")
    listing.add_argument("--since", type=float, help="accepted then or later, in seconds since the epoch")
    listing.add_argument("--limit", type=int, default=50, help="how many (default 50, at most 100)")
    listing.add_argument("--before", metavar="ID", help="only calls older than this one: the next page")
    listing.add_argument("--mine", action="store_true", help="only those of the token's own account")


def _add_hub(commands: Any) -> None:
    hub = commands.add_parser(
        "hub",
        help="serve a hub: accounts, and Spaces that `hf upload` deploys",
        epilog="Each flag has a variable: --sleep-after is SPACEPORT_HUB_SLEEP_AFTER. The flag counts more.",
    )
    hub.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    hub.add_argument("--port", type=int, help="port (default: the first free one from 8000; 0: any)")
    hub.add_argument("--apps-port", type=int, help="port of the Spaces' own addresses (default: the next free one)")
    hub.add_argument("--start-timeout", type=float, help="seconds that an app may take to listen (default 300)")
    hub.add_argument("--sleep-after", type=float, help="seconds without a request, then it sleeps (default 3600)")
    hub.add_argument("--apps-domain", help="below it every Space has a host (default localhost)")
    hub.add_argument("--apps-url", help="where programs find the Spaces, if something stands in front of the hub")
    hub.add_argument("--upstream-hub", help="another hub that is asked for models and datasets (default: none)")
    hub.add_argument("--memory", help="address space of an app's process, like 8gb (default: any)")
    hub.add_argument("--processes", type=int, help="processes an app may have (default 1024)")
    hub.add_argument("--replicas", type=int, help="replicas a Space may have at most (default 4)")
    hub.add_argument(
        "--adopt-within", type=float, help="seconds that replicas outlive a hub that was killed (default 600)"
    )
    hub.add_argument(
        "--trust-spaces",
        action="store_true",
        default=None,
        help="run everybody's Spaces, though nothing isolates them here",
    )
    hub.add_argument("--url", help="where browsers find the hub itself, if something stands in front of it")
    hub.add_argument("--sign-up", choices=("open", "invited", "closed"), help="who may sign up (default invited)")
    hub.add_argument("--smtp-url", help="the server that sends mail; better set SPACEPORT_HUB_SMTP_URL")
    hub.add_argument("--smtp-from", help="the address that mail comes from")
    hub.add_argument("--oidc-issuer", help="an OpenID Connect provider to sign in with (default: none)")
    hub.add_argument("--oidc-client-id", help="what the provider calls this hub")
    hub.add_argument("--oidc-client-secret", help="better set SPACEPORT_HUB_OIDC_CLIENT_SECRET: flags can be seen")
    hub.add_argument("--oidc-name", help="what the button to sign in says (default single sign-on)")
    hub.add_argument("--oidc-scopes", help="what the provider is asked for (default openid profile email)")
    hub.add_argument("--oidc-groups-claim", help="the claim that lists a user's groups (default groups)")
    hub.add_argument("--oidc-groups", help="what groups give, like 'engineers=research:write; staff=tier:pro'")
    hub.add_argument("--data-dir", help="folder of the hub (default: $SPACEPORT_HUB_DIR)")
    hub.set_defaults(run=_hub("hub", "serve"))
    account_commands.add(commands, lambda name: _hub("accounts", name))


def _hub(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """A command that needs what `spaceport-hub[hub]` installs."""

    def run(arguments: argparse.Namespace) -> int:
        try:
            command = importlib.import_module(f"spaceport.cli.{module}")
        except ModuleNotFoundError as error:
            raise SpaceportError(f"The module {error.name} is missing: install spaceport-hub[hub].") from None
        found: int = getattr(command, name)(arguments)
        return found

    return run


def _jobs(arguments: argparse.Namespace) -> int:
    from spaceport.cli import jobs

    return jobs.run(arguments)


def _backup(arguments: argparse.Namespace) -> int:
    from spaceport.cli.backup import run

    return run(arguments)


def _stubs(arguments: argparse.Namespace) -> int:
    from spaceport.cli.stubs import show

    return show(arguments)


def _deploy(arguments: argparse.Namespace) -> int:
    from spaceport.cli.deploy import deploy

    return deploy(arguments)


def _snippets(arguments: argparse.Namespace) -> int:
    from spaceport.cli.snippets import show

    return show(arguments)


def _run(arguments: argparse.Namespace) -> int:
    from spaceport.cli.run import run

    return run(arguments)


def _call(arguments: argparse.Namespace) -> int:
    from spaceport.cli.call import call

    return call(arguments)


if __name__ == "__main__":
    sys.exit(main())
