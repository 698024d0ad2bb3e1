"""What the hub's machine does: processors, memory, disk, and the Spaces that run or were tried."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import fleet_of, hub_of, in_thread, queues_of
from spaceport.store.hub.ports import SpaceRow

_STARTED_AT = time.time()
_MEMORY = Path("/proc/meminfo")
_LINE = re.compile(r"(MemTotal|MemAvailable):\s+(\d+) kB")
_MAX_SPACES = 1000


async def machine(request: Request) -> Response:
    """`GET /api/machine`. Sizes are bytes; `memory` is null where the system does not say."""
    fleet, data = fleet_of(request), hub_of(request).data
    used = sorted((one for one in fleet.spaces() if fleet.of(one).known), key=lambda one: one.full_name)[:_MAX_SPACES]
    described = [_space(request, one) for one in used]
    return JSONResponse({**await in_thread(lambda: _measured(data)), "startedAt": _STARTED_AT, "spaces": described})


def _measured(data: Path) -> dict[str, Any]:
    disk = shutil.disk_usage(data)
    return {
        "processors": os.cpu_count() or 1,
        "load": list(os.getloadavg()),
        "memory": _memory(),
        "disk": {"total": disk.total, "free": disk.free},
    }


def _memory() -> dict[str, int] | None:
    try:
        found = {name: int(kib) << 10 for name, kib in _LINE.findall(_MEMORY.read_text())}
    except OSError:
        return None
    if len(found) < 2:
        return None
    return {"total": found["MemTotal"], "available": found["MemAvailable"]}


def _space(request: Request, space: SpaceRow) -> dict[str, Any]:
    runtime, queue = fleet_of(request).of(space), queues_of(request).get_open(space, reads=True)
    counts = {} if queue is None else queue.engine.counts()
    return {
        "id": space.full_name,
        "stage": runtime.stage()[0] or "RUNNING",  # a static page has no process
        "replicas": len(runtime.replicas),
        "queued": sum(waiting for waiting, _ in counts.values()),
        "running": sum(running for _, running in counts.values()),
    }
