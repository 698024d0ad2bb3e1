"""Processes of this machine, as proc(5) tells of them."""

from __future__ import annotations

from pathlib import Path


def state_and_start(pid: int) -> tuple[str, int]:
    """The state of a process and when it started, in clock ticks since boot; "X" and 0 where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return fields[0], int(fields[19])
