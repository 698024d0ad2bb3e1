"""From what a function returned to the wire values of an endpoint's outputs, with the session's state stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spaceport.engine import Job, Result
from spaceport.space.endpoint import SpaceEndpoint
from spaceport.space.state import States
from spaceport.wire.json import encode


class OutputConverter:
    """Converts what the function of one job returns or yields."""

    def __init__(self, endpoint: SpaceEndpoint, job: Job, states: States) -> None:
        self.saves = endpoint.saves
        self._outputs = endpoint.outputs
        self._name = endpoint.name
        self._session = job.session or job.id
        self._own_session = job.own_session
        self._states = states

    def values(self, returned: Any) -> list[Any]:
        """The wire value of each output. Raises `ValueError` for too few values, `ValueRejected` for an unfit one."""
        count = len(self._outputs)
        if count == 1:
            many: Sequence[Any] = (returned,)
        elif count == 0:
            return []
        else:
            many = returned if isinstance(returned, (list, tuple)) else (returned,)
        if len(many) < count:
            raise ValueError(
                f"{self._name} did not return enough output values (needed: {count}, returned: {len(many)})."
            )
        return [self._value(*output, value) for output, value in zip(self._outputs, many, strict=False)]

    def result(self, returned: Any) -> Result:
        """The result of a function that returned."""
        return Result(encode(self.values(returned)))

    def last(self, values: list[Any] | None) -> Result:
        """The result of a generator that ended: its last values, or null for each output if it yielded nothing."""
        return Result(encode([None] * len(self._outputs) if values is None else values))

    def _value(self, component_id: int, component: Any, value: Any) -> Any:
        if not component.skip_api:
            return component.to_wire(value)
        if self._own_session:
            self._states.set(self._session, component_id, value)
        return None
