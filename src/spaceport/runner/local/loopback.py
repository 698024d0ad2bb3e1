"""Loopback addresses: the machine's own, and one for each replica where the machine can give it (`own_address`)."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

from spaceport.runner.local.supervisor import supervised

HOST = "127.0.0.1"
_OWN = range(64, 128)
"""The second number of the addresses in 127.0.0.0/8 that replicas get."""


def random_host() -> str:
    """An address for a replica."""
    return f"127.{secrets.choice(_OWN)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


def free_port() -> int:
    """A port of `HOST` on which nothing listens now."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def can_have_own_address() -> bool:
    """Whether this machine can give an app an address of its own: tried with one. Blocks for a moment."""
    host = random_host()
    program = (
        "import socket\n"
        "one = socket.socket(); one.bind(('0.0.0.0', 7860)); one.listen(); host = one.getsockname()[0]\n"
        "two = socket.create_connection(('127.0.0.1', 7860), 5)\n"
        f"raise SystemExit(0 if host == two.getpeername()[0] == {host!r} else 1)\n"
    )
    try:
        tried = supervised(
            [sys.executable, "-I", "-S", "-c", program],
            environment={"PATH": os.defpath},
            folder=Path("/"),
            output=subprocess.DEVNULL,
            host=host,
        )
    except OSError:
        return False
    assert tried.process is not None
    try:
        return tried.process.wait(20) == 0
    except subprocess.TimeoutExpired:
        tried.stop()
        return False
