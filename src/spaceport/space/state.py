"""The state of sessions: values that the server keeps between the calls of a session."""

from __future__ import annotations

import asyncio
import copy
from collections import OrderedDict
from typing import Any


class States:
    """Keeps the state of at most `sessions` sessions: the most recently used, and closed ones for `ttl_s` seconds."""

    def __init__(self, sessions: int, ttl_s: float) -> None:
        self._max = sessions
        self._ttl_s = ttl_s
        self._values: OrderedDict[str, dict[int, Any]] = OrderedDict()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def get(self, session: str, component: int, initial: Any) -> Any:
        """The value of a session; the first time a deep copy of `initial`."""
        values = self._session(session)
        if component not in values:
            values[component] = copy.deepcopy(initial)
        return values[component]

    def set(self, session: str, component: int, value: Any) -> None:
        self._session(session)[component] = value

    def forget(self, session: str) -> None:
        self._values.pop(session, None)
        self._timers.pop(session, None)

    def close(self, session: str) -> None:
        """Called when the last heartbeat of a session ended: forget its state after `ttl_s`."""
        if session in self._values:
            timer = self._timers.pop(session, None)
            if timer is not None:
                timer.cancel()
            self._timers[session] = asyncio.get_running_loop().call_later(self._ttl_s, self.forget, session)

    def _session(self, session: str) -> dict[int, Any]:
        values = self._values.setdefault(session, {})
        self._values.move_to_end(session)
        while len(self._values) > self._max:
            self._values.popitem(last=False)
        return values
