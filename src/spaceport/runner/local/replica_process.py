"""A replica as a process of this machine, and the id with which a later hub finds it again."""

from __future__ import annotations

from dataclasses import dataclass

from spaceport.runner.local.supervisor import Supervised


@dataclass(slots=True, eq=False)
class ReplicaProcess:
    """What the runner knows of a replica. `port`: where it is told to listen; `expected`: where it may as well."""

    supervised: Supervised
    port: int
    expected: int
    exit_reason: str = ""
    """Why the runner itself ended it."""
    address: str = ""
    """Where it listens, once that is known."""
    descriptor: int = -1
    """Becomes readable when the process ends."""
    scanned_at: float = 0.0
    obstacle: str = ""
    other_ports: dict[int, float] | None = None
    """Other ports on which the app listens, and since when."""

    @property
    def replica_id(self) -> str:
        one = self.supervised
        parts = (
            one.pid,
            one.started_at,
            one.supervisor,
            one.supervisor_started_at,
            one.host or 0,
            self.port,
            self.expected,
        )
        return "-".join(str(part) for part in parts)


def process_of(replica_id: str) -> ReplicaProcess | None:
    """The process of a replica of an earlier hub, whether it still runs or not; None: that is not the id of one."""
    parts = replica_id.split("-")
    try:
        pid, started_at, supervisor, supervisor_started_at = (int(part) for part in parts[:4])
        host, port, expected = parts[4:]
        return ReplicaProcess(
            Supervised(pid, started_at, supervisor, supervisor_started_at, "" if host == "0" else host),
            int(port),
            int(expected),
        )
    except ValueError:
        return None
