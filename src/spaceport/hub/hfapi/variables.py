"""Variables and secrets of a Space. Only who may change it sees their names; a secret's value is never told."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.hfapi.answers import body_of, fleet_of, hub_of, identity_of, in_thread, text_of
from spaceport.hub.runtime.logs import stamp
from spaceport.store.hub.ports import SpaceRow


async def variables(request: Request) -> Response:
    """`GET, POST, DELETE …/variables`: all that there are, afterwards."""
    space = await _changed(request, secret=False)
    return JSONResponse({one.key: _shown(one, one.value.decode()) for one in hub_of(request).values.variables(space)})


async def secrets(request: Request) -> Response:
    """`GET, POST, DELETE …/secrets`: their names, afterwards."""
    space = await _changed(request, secret=True)
    return JSONResponse({one.key: _shown(one, None) for one in hub_of(request).values.secrets(space)})


async def _changed(request: Request, *, secret: bool) -> SpaceRow:
    hub = hub_of(request)
    owner, name = request.path_params["owner"], request.path_params["name"]
    space = hub.spaces.written(identity_of(request), owner, name)
    if request.method == "GET":
        return space
    values = await body_of(request)
    key = text_of(values, "key")
    if request.method == "DELETE":
        await in_thread(lambda: hub.values.remove(space, key, secret=secret))
    else:
        await in_thread(lambda: set_one(request, space, values, secret=secret))
    await fleet_of(request).of(space).variables_changed()
    return space


def set_one(request: Request, space: SpaceRow, values: Any, *, secret: bool) -> None:
    """Raises `InvalidInput`."""
    if not isinstance(values, dict):
        raise InvalidInput("Secrets and variables are objects with key and value.")
    value, about = values.get("value"), values.get("description")
    if not isinstance(value, str) or not isinstance(about, (str, type(None))):
        raise InvalidInput("Send key and value, and perhaps a description, as texts.")
    hub_of(request).values.set(space, text_of(values, "key"), value, about, secret=secret)


def _shown(one: Any, value: str | None) -> dict[str, Any]:
    found = {"description": one.description, "updatedAt": stamp(one.updated_at)}
    return found if value is None else {"value": value, **found}
