"""Finds the address of `owner/name` on a hub, and waits for a Space that is building, starting or asleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from spaceport.client.core.responses import error_from, parse_json
from spaceport.client.core.retry import backoff
from spaceport.client.errors import AuthenticationError, ServerError, SpaceNotFound, SpaceNotRunning
from spaceport.client.http import Http
from spaceport.client.network import Settings

_WAITING = {
    "BUILDING": "is still building",
    "RUNNING_BUILDING": "is building a new version",
    "APP_STARTING": "is starting",
    "RUNNING_APP_STARTING": "is starting a new version",
    "SLEEPING": "is asleep; waking it",
}
_READY = frozenset({"RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING"})


async def resolve(
    space_id: str, hub: str, token: str | None, settings: Settings, say: Callable[[str], None], timeout: float | None
) -> str:
    """The URL of a Space, once the Space runs.

    Raises `SpaceNotFound`, `SpaceNotRunning` (paused, failed, or not up within `timeout` seconds), and what a
    connection can raise.
    """
    space_name(space_id)
    http = Http(hub, settings, {"authorization": f"Bearer {token}"} if token else {})
    try:
        found = await ask(http, f"api/spaces/{quote(space_id)}", space_id)
        host = found.get("host")
        if not isinstance(host, str) or not host:
            raise SpaceNotRunning(f"The Space {space_id} has no address; it was never built.", None)
        await asyncio.wait_for(_running(http, space_id, host, token, say), timeout)
        return host.rstrip("/") + "/"
    except asyncio.TimeoutError:
        raise SpaceNotRunning(f"The Space {space_id} did not come up within {timeout:g} s.") from None
    finally:
        await http.close()


def space_name(text: str) -> str:
    """Check that a text is `owner/name`. Raises `ValueError` for anything else."""
    if text.count("/") != 1 or not all(text.split("/")):
        raise ValueError(f"{text!r} is neither a URL (with http:// or https://) nor a Space like `owner/name`.")
    return text


async def _running(http: Http, space_id: str, host: str, token: str | None, say: Callable[[str], None]) -> None:
    waits, said = backoff(0.5, 5.0), ""
    while True:
        runtime = await ask(http, f"api/spaces/{quote(space_id)}/runtime", space_id)
        stage = str(runtime.get("stage"))
        if stage in _READY or (stage == "SLEEPING" and runtime.get("queued")):  # it takes calls in its sleep
            return
        if stage not in _WAITING:
            why = runtime.get("errorMessage") or ""
            raise SpaceNotRunning(f"The Space {space_id} does not run: its stage is {stage}. {why}".strip(), stage)
        if stage != said:
            say(f"{space_id} {_WAITING[stage]}…")
            said = stage
            if stage == "SLEEPING":
                await _wake(host, http.settings, token)
        await asyncio.sleep(next(waits))


async def _wake(host: str, settings: Settings, token: str | None) -> None:
    """Wake a sleeping Space with a request. The response does not matter."""
    private = {"x-hf-authorization": f"Bearer {token}"} if token else {}
    space = Http(host.rstrip("/") + "/", settings, private)
    try:
        await space.fetch("GET", "")
    except Exception:  # noqa: BLE001, S110  the runtime will tell
        pass
    finally:
        await space.close()


async def ask(http: Http, path: str, space_id: str) -> dict[str, Any]:
    """Fetch what the hub says about a Space. Raises `SpaceNotFound`."""
    response, body = await http.fetch("GET", path, headers={"accept": "application/json"}, follow=True)
    if response.status in (401, 403, 404):
        raise SpaceNotFound(f"There is no Space {space_id} on {http.base}, or it is private and not yours to see.")
    document = parse_json(body)
    if response.status != 200:
        error = error_from(response.status, body, response.headers, f"The hub {http.base}")
        raise error if not isinstance(error, AuthenticationError) else SpaceNotFound(str(error))
    if not isinstance(document, dict):
        raise ServerError(f"{http.base} is not a hub: its answer is not a JSON object.", response.status)
    return document
