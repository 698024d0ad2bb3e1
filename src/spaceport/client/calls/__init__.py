"""How a call is made, one module for each kind of server.

All take a `Run`, feed it until it has ended, and hand every update to `tell`. They raise nothing about the call
itself: that is in the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from spaceport.client.status import Update

Tell = Callable[[list[Update]], None]


class Call(Protocol):
    """One running call. `job_id` is set once the server has accepted it."""

    job_id: str | None

    async def drive(self) -> None: ...

    async def cancel(self) -> None:
        """Cancel the call on the server; `drive` still runs and is stopped afterwards.

        Raises what the server refuses it with. A call that the server knows no more is cancelled already.
        """
        ...
