"""`spaceport run` serves a Space, `spaceport call` calls one; `snippets` and `stubs` write code that does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from spaceport import __version__
from spaceport.errors import SpaceportError
from spaceport.snippets.code import LANGUAGES


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0 done, 1 the call or server failed, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except SpaceportError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
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
    code = commands.add_parser("snippets", help="show code that calls a Space")
    code.add_argument("src", help="a URL, or owner/name on a hub")
    code.add_argument("endpoint", nargs="?", help="its name; left out: all")
    code.add_argument("--language", choices=LANGUAGES, help="only this one, without a heading")
    code.set_defaults(run=_snippets)
    stubs = commands.add_parser("stubs", help="write a typed Python module that calls a Space")
    stubs.add_argument("src", help="a URL, or owner/name on a hub")
    stubs.set_defaults(run=_stubs)
    return parser


def _stubs(arguments: argparse.Namespace) -> int:
    from spaceport.cli.stubs import show

    return show(arguments)


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
