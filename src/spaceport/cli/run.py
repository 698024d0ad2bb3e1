"""`spaceport run app.py[:name]`: load a file, find its Space and serve it; with `--reload` restart on each change.

With `--reload` a parent process holds the listening socket and restarts a child. During a restart, connections wait in
the backlog of the socket and queued calls in the journal.
"""

from __future__ import annotations

import argparse
import importlib.util
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from spaceport import settings
from spaceport.cli import logs
from spaceport.cli.memory import collect_seldom
from spaceport.errors import NotFound, RequestError
from spaceport.space.launcher import bind, launch
from spaceport.space.space import Space

_STOP_S = 15.0


def run(arguments: argparse.Namespace) -> int:
    path, _, name = arguments.app.partition(":")
    script = Path(path)
    if not script.is_file():
        raise NotFound(f"There is no file {path}.")
    if arguments.reload:
        return _supervise(arguments, script)
    logs.configure(settings.load())
    logs.traces(script.stem)
    options: dict[str, Any] = {"data_dir": arguments.data_dir, "durability": arguments.durability}
    sockets = None
    if getattr(arguments, "fd", None) is not None:
        sockets = [socket.socket(fileno=arguments.fd)]
    space = load(script, name or None)
    collect_seldom()
    launch(
        space,
        server_name=arguments.host,
        server_port=arguments.port,
        sockets=sockets,
        script=str(script.resolve()),
        **options,
    )
    return 0


def load(script: Path, name: str | None) -> Space:
    """The Space that a file defines: by name, else `space`, `demo` or `app`, else the only one in it.

    The file is run as the module `spaceport_app`, so that its `if __name__ == "__main__"` block does not run.
    """
    sys.path.insert(0, str(script.parent.resolve()))
    spec = importlib.util.spec_from_file_location("spaceport_app", script)
    if spec is None or spec.loader is None:
        raise RequestError(f"{script.name} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where annotations are resolved
    spec.loader.exec_module(module)
    found = {key: value for key, value in vars(module).items() if isinstance(value, Space)}
    if name is not None:
        if name not in found:
            raise NotFound(f"{script.name} has no Space {name!r}. Spaces in it: {', '.join(found) or 'none'}.")
        return found[name]
    for usual in ("space", "demo", "app"):
        if usual in found:
            return found[usual]
    if len(found) != 1:
        names = ", ".join(found) or "none"
        raise RequestError(f"Say which Space to serve, like {script.name}:name. Spaces in it: {names}.")
    return next(iter(found.values()))


def _supervise(arguments: argparse.Namespace, script: Path) -> int:
    from watchfiles import PythonFilter, watch

    listening = bind(arguments.host or "127.0.0.1", arguments.port)
    print(f"* Running on http://127.0.0.1:{listening.getsockname()[1]}, restarting when a file changes", flush=True)
    child = _start(arguments, listening)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for _ in watch(script.parent, watch_filter=PythonFilter(), raise_interrupt=False):
            print("* A file changed: restarting", flush=True)
            _stop(child)
            child = _start(arguments, listening)
    finally:
        _stop(child)
    return 0


def _start(arguments: argparse.Namespace, listening: socket.socket) -> subprocess.Popen[bytes]:
    # -B: bytecode of a version that has the same size and second would hide the newer one
    command = [sys.executable, "-B", "-m", "spaceport.cli.child", str(listening.fileno()), arguments.app]
    command += [arguments.data_dir or "", arguments.durability or ""]
    return subprocess.Popen(command, pass_fds=[listening.fileno()])  # noqa: S603  our own module


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
