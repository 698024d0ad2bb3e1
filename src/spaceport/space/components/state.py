"""State: a value that a session keeps on the server between its calls."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component


class State(Component):
    """`value` is where each session starts (it is deep-copied). Callers send and see null in its place."""

    skip_api = True

    def schema(self) -> dict[str, Any]:
        return {}
