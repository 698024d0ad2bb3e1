"""A copy of a Space under one's own name: its hardware is not shared with others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from spaceport.client.core.responses import error_from, parse_json
from spaceport.client.errors import AuthenticationError, ServerError, SpaceNotFound
from spaceport.client.http import Http
from spaceport.client.hub import ask, space_name
from spaceport.client.options import Duplication, Options

_FREE = "cpu-basic"


async def duplicate(wanted: Duplication, options: Options, say: Callable[[str], None]) -> str:
    """Copy a Space unless the copy exists; returns the id of the copy.

    Raises `SpaceNotFound`, `AuthenticationError` (no token, or not one for this name), and what a connection can raise.
    """
    from_id, hardware, token = wanted.from_id, wanted.hardware, options.token
    if not token:
        raise AuthenticationError("Duplicating a Space needs a token: give `token`, or run `hf auth login`.")
    http = Http(options.hub, options.network, {"authorization": f"Bearer {token}"})
    try:
        source = await ask(http, f"api/spaces/{quote(space_name(from_id))}/runtime", from_id)
        target = await _target(http, from_id, wanted.to_id)
        found = source.get("hardware")
        hardware = hardware or (found.get("current") if isinstance(found, dict) else None) or _FREE
        if await _exists(http, target):
            say(f"Using the Space {target}, which exists: its secrets and hardware are left as they are.")
            return target
        body: dict[str, Any] = {"repository": target, "visibility": "private" if wanted.private else "public"}
        body["hardware"] = hardware
        if hardware != _FREE:
            body["sleepTimeSeconds"] = round(wanted.sleep_timeout * 60)
            say(f"{target} will run on {hardware}, which its hub may bill to you.")
        if wanted.secrets:
            body["secrets"] = [{"key": key, "value": value} for key, value in wanted.secrets.items()]
        response, answer = await http.post_json(f"api/spaces/{quote(from_id)}/duplicate", body)
        if response.status not in (200, 201, 202, 409):  # 409: somebody was faster
            raise error_from(response.status, answer, response.headers, f"The hub {http.base}")
        say(f"{from_id} is now also {target}.")
        return target
    finally:
        await http.close()


async def _target(http: Http, from_id: str, to_id: str | None) -> str:
    """The full name of the copy; without an owner it belongs to the account of the token."""
    if to_id is not None and "/" in to_id:
        return space_name(to_id)
    response, body = await http.fetch("GET", "api/whoami-v2", headers={"accept": "application/json"})
    document = parse_json(body)
    if response.status != 200:
        raise error_from(response.status, body, response.headers, f"The hub {http.base}")
    if not (isinstance(document, dict) and isinstance(document.get("name"), str)):
        raise ServerError(f"{http.base} did not say whose token this is.", response.status)
    return f"{document['name']}/{to_id or from_id.split('/')[1]}"


async def _exists(http: Http, space_id: str) -> bool:
    try:
        await ask(http, f"api/spaces/{quote(space_id)}/runtime", space_id)
    except SpaceNotFound:
        return False
    return True
