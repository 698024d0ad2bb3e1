"""`spaceport deploy DIR owner/name` makes a folder, or one Python file, a Space of a hub, without any other tool."""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from spaceport.cli.deploy_files import deployed_files, readme_for
from spaceport.client import environment
from spaceport.client.core.responses import error_from, parse_json
from spaceport.client.errors import AuthenticationError, SpaceNotRunning
from spaceport.client.http import Http
from spaceport.client.hub import ask, space_name
from spaceport.client.network import Settings
from spaceport.snippets.quoting import terminal

_BROKEN = frozenset({"BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "PAUSED"})
_LOG_LINES = 30


def deploy(arguments: argparse.Namespace) -> int:
    return asyncio.run(_deploy(arguments))


async def _deploy(arguments: argparse.Namespace) -> int:
    space, source = space_name(arguments.space), Path(arguments.source)
    token = arguments.token or environment.stored_token()
    if not token:
        raise AuthenticationError("Deploying needs a token: give --token, set HF_TOKEN, or run `hf auth login`.")
    files = deployed_files(source, space, _warn)
    if "README.md" not in files:
        files["README.md"], kind = readme_for(files, space)
        print(f"{space}: no README.md was found; one is added that says it is {kind}")
    http = Http(environment.hub(arguments.hub), Settings(), {"authorization": f"Bearer {token}"})
    try:
        await _create(http, space, private=arguments.private)
        answer = await _commit(http, space, files)
        print(f"{space}: {len(files)} files, commit {str(answer.get('commitOid'))[:12]}")
        if arguments.no_wait:
            return 0
        return await _wait_until_running(http, space, token)
    finally:
        await http.close()


def _warn(text: str) -> None:
    print(terminal(text), file=sys.stderr)


async def _create(http: Http, space: str, *, private: bool) -> None:
    owner, _, name = space.partition("/")
    visibility = "private" if private else "public"
    body = {"type": "space", "sdk": "gradio", "organization": owner, "name": name, "visibility": visibility}
    response, answer = await http.post_json("api/repos/create", body)
    if response.status not in (200, 201, 409):  # 409: it is there
        raise error_from(response.status, answer, response.headers, f"The hub {http.base}")


async def _commit(http: Http, space: str, files: dict[str, bytes]) -> dict[str, Any]:
    lines = [{"key": "header", "value": {"summary": "Deployed with spaceport"}}]
    for path, content in files.items():
        encoded = base64.b64encode(content).decode()
        lines.append({"key": "file", "value": {"path": path, "content": encoded, "encoding": "base64"}})
    response, answer = await http.fetch(
        "POST",
        f"api/spaces/{quote(space)}/commit/main",
        content="\n".join(json.dumps(line) for line in lines).encode(),
        headers={"content-type": "application/x-ndjson"},
    )
    if response.status != 200:
        raise error_from(response.status, answer, response.headers, f"The hub {http.base}")
    document = parse_json(answer)
    return document if isinstance(document, dict) else {}


async def _wait_until_running(http: Http, space: str, token: str) -> int:
    """Wake the Space and print its stages until it runs. Returns the exit status."""
    host = str((await ask(http, f"api/spaces/{quote(space)}", space)).get("host"))
    app = Http(host, http.settings, {"x-hf-authorization": f"Bearer {token}"})
    waking = asyncio.create_task(app.fetch("GET", ""))
    shown, begun = "", time.monotonic()
    try:
        while True:
            runtime = await ask(http, f"api/spaces/{quote(space)}/runtime", space)
            stage = str(runtime.get("stage"))
            if stage != shown:
                print(f"  {time.monotonic() - begun:5.1f} s  {terminal(stage)}")
                shown = stage
            if stage == "RUNNING":
                print(f"  {terminal(host)}")
                return 0
            if stage in _BROKEN:
                await _show_log(http, space, "build" if stage == "BUILD_ERROR" else "run")
                raise SpaceNotRunning(str(runtime.get("errorMessage") or f"The Space is {stage}."), stage)
            await asyncio.sleep(0.3)
    finally:
        waking.cancel()
        await asyncio.gather(waking, return_exceptions=True)
        await app.close()


async def _show_log(http: Http, space: str, which: str) -> None:
    """Print the last lines of a log."""
    lines: list[str] = []

    async def read() -> None:
        async with http.stream("GET", f"api/spaces/{quote(space)}/logs/{which}") as response:
            rest = b""
            async for chunk in response.chunks:
                *frames, rest = (rest + chunk).split(b"\n\n")
                found = [parse_json(frame.removeprefix(b"data: ")) for frame in frames]
                lines.extend(str(one["data"]) for one in found if isinstance(one, dict))

    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(read(), 2)
    print("".join(f"  | {terminal(line)}" for line in lines[-_LOG_LINES:]), end="")
