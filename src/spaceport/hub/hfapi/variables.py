"""Variables and secrets of a Space. Their names are shown to those who may change it; a secret's value to nobody."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.request import fleet_of, hub_of, in_thread, space_of
from spaceport.hub.hfapi.bodies import json_object, text_of
from spaceport.hub.runtime.logs import stamp
from spaceport.store.hub.ports import SpaceRow


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
    key = text_of(values, "key")
    if request.method == "DELETE":
        await in_thread(lambda: hub.variables.remove(space, key, secret=secret))
    else:
        await in_thread(lambda: set_one(request, space, values, secret=secret))
    await fleet_of(request).of(space).variables_changed()
    return space


def set_one(request: Request, space: SpaceRow, values: Any, *, secret: bool) -> None:
    """Set a variable or secret from an object of a body. Raises `InvalidInput`."""
    if not isinstance(values, dict):
        raise InvalidInput("A secret or variable must be an object with `key` and `value`.")
    value, about = values.get("value"), values.get("description")
    if not isinstance(value, str) or not isinstance(about, (str, type(None))):
        raise InvalidInput("`value`, and `description` where there is one, must be strings.")
    hub_of(request).variables.set(space, text_of(values, "key"), value, about, secret=secret)


def _shown(one: Any, value: str | None) -> dict[str, Any]:
    found = {"description": one.description, "updatedAt": stamp(one.updated_at)}
    return found if value is None else {"value": value, **found}
