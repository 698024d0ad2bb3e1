"""`spaceport call URL [endpoint] [args…]`: one request, its events as they come.

Where a person looks, the output grows in place under a progress line; in a pipe, only the result is printed; with
`--json` every event is a line.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
from rich.console import Console
from rich.live import Live
from rich.pretty import Pretty
from rich.text import Text

from spaceport.errors import ConnectionLost, InvalidInput, ProtocolViolation
from spaceport.wire.json import decode, encode

_TIMEOUT = httpx.Timeout(10, read=60)


def call(arguments: argparse.Namespace) -> int:
    auth = tuple(arguments.user.split(":", 1)) if arguments.user else None
    try:
        with httpx.Client(base_url=arguments.url.rstrip("/"), timeout=_TIMEOUT, auth=auth) as http:
            endpoint = arguments.endpoint or _only_endpoint(http)
            body = _body(arguments.arguments)
            headers = {"accept": "text/event-stream", "content-type": "application/json"}
            path = f"/gradio_api/call/{endpoint.strip('/')}"
            with http.stream("POST", path, content=encode(body), headers=headers) as response:
                if response.status_code != 200:
                    raise InvalidInput(_reason(response))
                return _show(_events(response), as_json=arguments.json)
    except httpx.TransportError as error:
        raise ConnectionLost(f"No answer from {arguments.url}: {error or type(error).__name__}") from None


def _only_endpoint(http: httpx.Client) -> str:
    response = http.get("/gradio_api/info")
    if response.status_code != 200:
        raise InvalidInput(_reason(response))
    names = list(response.json()["named_endpoints"])
    if len(names) != 1:
        raise InvalidInput(f"Say which endpoint to call: {', '.join(names) or 'there are none'}.")
    return str(names[0])


def _body(given: list[str]) -> dict[str, Any]:
    """Arguments by name if all look like name=value, else by position."""
    pairs = [part.partition("=") for part in given]
    if given and all(found and name.isidentifier() for name, found, _ in pairs):
        return {name: _value(text) for name, _, text in pairs}
    return {"data": [_value(text) for text in given]}


def _value(text: str) -> Any:
    try:
        return decode(text)
    except msgspec.DecodeError:
        return text


def _reason(response: httpx.Response) -> str:
    response.read()
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return f"The server answered {response.status_code}."
    if isinstance(detail, list):
        return "; ".join(f"{'.'.join(str(p) for p in one.get('loc', [])[1:])}: {one.get('msg', '')}" for one in detail)
    return str(detail)


def _events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            yield kind, decode(line[6:])


def _show(events: Iterator[tuple[str, Any]], *, as_json: bool) -> int:
    console = Console()
    live = None if as_json or not console.is_terminal else Live("", console=console, transient=True)
    if live is not None:
        live.start()
    try:
        for kind, data in events:
            if as_json:
                print(encode({"event": kind, "data": data}).decode(), flush=True)
            elif live is not None:
                live.update(_line(kind, data))
            if kind == "complete":
                if live is not None:
                    live.stop()
                if not as_json:
                    _print_result(console, data)
                return 0
            if kind == "error":
                if not as_json:
                    print(_error_text(data), file=sys.stderr)
                return 1
    finally:
        if live is not None:
            live.stop()
    raise ProtocolViolation("The stream ended before the result came.")


def _line(kind: str, data: Any) -> Any:
    if kind == "status" and data["state"] == "queued":
        eta = "" if data["eta"] is None else f", about {data['eta']:.0f} s"
        return Text(f"waiting: {data['rank']} before you{eta}", style="dim")
    if kind == "progress" and data:
        unit = data[-1]
        share = unit["progress"]
        if share is None and unit["length"]:
            share = (unit["index"] or 0) / unit["length"]
        bar = "" if share is None else "█" * round(share * 30) + "░" * (30 - round(share * 30)) + f" {share:4.0%}"
        return Text(f"{bar} {unit['desc'] or ''}")
    if kind == "generating":
        return Text(str(data[0])) if len(data) == 1 else Pretty(data)
    if kind == "log":
        return Text(f"{data['level']}: {data['log']}")
    return Text("running", style="dim")


def _print_result(console: Console, data: list[Any]) -> None:
    value = data[0] if len(data) == 1 else data
    if isinstance(value, str):
        print(value)
    elif console.is_terminal:
        console.print(Pretty(value))
    else:
        print(encode(value).decode())


def _error_text(data: Any) -> str:
    text = data.get("error") if isinstance(data, dict) else data
    return str(text or "The function failed. Its author's log has the reason.")
