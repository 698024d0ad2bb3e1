"""Variables and secrets of a Space. Their names are shown to those who may change it; a secret's value to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.request import fleet_of, hub_of, in_thread, space_of
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces.variables import MAX_VARIABLES, SpaceVariables, check_key, check_value
from spaceport.store.hub.ports import SpaceRow

_MAX_DESCRIPTION = 2000


async def variables(request: Request) -> Response:
    """`GET, POST, DELETE …/variables`: all variables as they are afterwards."""
    space = await _changed(request, secret=False)
    found = hub_of(request).variables.variables(space)
    return JSONResponse({one.key: _shown(one, one.value.decode()) for one in found})


async def secrets(request: Request) -> Response:
    """`GET, POST, DELETE …/secrets`: the names of all secrets as they are afterwards."""
    space = await _changed(request, secret=True)
    return JSONResponse({one.key: _shown(one, None) for one in hub_of(request).variables.secrets(space)})


async def _changed(request: Request, *, secret: bool) -> SpaceRow:
    hub, space = hub_of(request), space_of(request)
    if request.method == "GET":
        return space
    values = await json_object(request)
    if request.method == "DELETE":
        key = text_of(values, "key")
        await in_thread(lambda: hub.variables.remove(space, key, secret=secret))
    else:
        given = Assignment.of(values, secret=secret)
        await in_thread(lambda: given.apply(hub.variables, space))
    await fleet_of(request).of(space).variables_changed()
    return space


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variable or secret as a body gives it."""

    key: str
    value: str
    description: str | None
    secret: bool

    @classmethod
    def of(cls, values: Any, *, secret: bool) -> Assignment:
        """Raises `InvalidInput`."""
        if not isinstance(values, dict):
            raise InvalidInput("A secret or variable must be an object with `key` and `value`.")
        value, description = values.get("value"), values.get("description")
        if not isinstance(value, str) or not isinstance(description, (str, type(None))):
            raise InvalidInput("`value`, and `description` where there is one, must be strings.")
        if description is not None and len(description) > _MAX_DESCRIPTION:
            raise InvalidInput(f"A description has at most {_MAX_DESCRIPTION} characters.")
        return cls(check_key(text_of(values, "key")), check_value(value), description, secret)

    @classmethod
    def all_of(cls, values: dict[str, Any]) -> list[Assignment]:
        """The secrets and variables that a new Space is made with. Raises `InvalidInput`."""
        found = []
        for kind in ("secrets", "variables"):
            given = values.get(kind) or []
            if not isinstance(given, list) or len(given) > MAX_VARIABLES:
                raise InvalidInput(f"`{kind}` must be a list of at most {MAX_VARIABLES}.")
            found += [cls.of(one, secret=kind == "secrets") for one in given]
        return found

    def apply(self, variables: SpaceVariables, space: SpaceRow) -> None:
        """Raises `InvalidInput` where the Space has too many."""
        variables.set(space, self.key, self.value, self.description, secret=self.secret)


def _shown(one: Any, value: str | None) -> dict[str, Any]:
    found = {"description": one.description, "updatedAt": stamp(one.updated_at)}
    return found if value is None else {"value": value, **found}
