"""The versions of Python that this machine has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import uv


def find_interpreter(wanted: str) -> tuple[Path | None, list[str]]:
    """The interpreter of a version such as 3.10 or 3.10.13, and the versions that there are. Blocks.

    A patch version that is not there is replaced by another of the same minor version, as the Hub does.
    """
    minor = ".".join(wanted.split(".")[:2])
    own = sys.version_info
    if minor == f"{own.major}.{own.minor}":
        return Path(sys.executable), [minor]
    known = _installed()
    others = sorted({f"{own.major}.{own.minor}", *known}, key=lambda one: [int(part) for part in one.split(".")])
    return known.get(minor), others


@cache
def _installed() -> dict[str, Path]:
    """The newest interpreter of each minor version that uv finds, by version."""
    command = [uv.find_uv_bin(), "python", "list", "--only-installed", "--output-format", "json", "--offline"]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(command, capture_output=True, env=environment, cwd="/", check=False, timeout=60)  # noqa: S603
    found: dict[str, tuple[list[int], Path]] = {}
    for one in json.loads(done.stdout or b"[]"):
        parts = one.get("version_parts") or {}
        if one.get("path") and one.get("implementation") == "cpython" and parts.get("major") == 3:
            version = [parts["major"], parts["minor"], parts["patch"]]
            minor = f"{version[0]}.{version[1]}"
            if version > found.get(minor, ([], Path()))[0]:
                found[minor] = (version, Path(one["path"]))
    return {minor: path for minor, (_, path) in found.items()}
