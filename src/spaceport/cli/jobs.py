"""`spaceport jobs ls|show|cancel|retry SRC [ID]` manages the calls of a running Space, for its operator or a caller.

SRC is a URL, `owner/name` on a hub, or what a server of this machine was started with: its Python file or data folder;
then the operator's token is found there.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.table import Table
from rich.text import Text

from spaceport.client.async_client import AsyncClient
from spaceport.client.core.responses import error_from, parse_json
from spaceport.errors import NotFound, SpaceportError
from spaceport.settings import journal_folder, load
from spaceport.snippets.quoting import terminal
from spaceport.space.app import OPERATOR_TOKEN, SERVER_FILE
from spaceport.wire.json import decode, encode


class _Refused(SpaceportError):
    """A refusal, with the code and the text of the server."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]


def run(arguments: argparse.Namespace) -> int:
    src, token = _server(arguments.src, arguments.token)
    found = asyncio.run(_ask(arguments, src, token))
    if arguments.json:
        print(encode(found).decode())
    elif arguments.action == "ls":
        _table(found["jobs"], found["next"])
    elif arguments.action == "retry":
        print(terminal(str(found["event_id"])))
    else:
        text = json.dumps(found, indent=2, ensure_ascii=False)
        Console().print(JSONHighlighter()(Text(terminal(text))))
    return 0


async def _ask(arguments: argparse.Namespace, src: str, token: str | None) -> Any:
    method = {"ls": "GET", "show": "GET", "cancel": "DELETE", "retry": "POST"}[arguments.action]
    path = "jobs" if arguments.action == "ls" else f"jobs/{arguments.id}"
    if arguments.action == "retry":
        path += "/retry"
    wanted: dict[str, Any] = {}
    if arguments.action == "ls":
        wanted = {key: getattr(arguments, key) for key in ("state", "endpoint", "user", "since", "limit", "before")}
        wanted["all"] = "true" if token is not None and not arguments.mine else None
    async with AsyncClient(src, token=token, verbose=False) as client:
        connection = await client.connect()
        answer, raw = await connection.http.fetch(method, connection.prefix + path + _query(wanted))
        if answer.status == 403 and wanted.pop("all", None):  # no operator: one's own
            answer, raw = await connection.http.fetch(method, connection.prefix + path + _query(wanted))
    if answer.status >= 300:
        problem = parse_json(raw)
        if isinstance(problem, dict) and {"code", "detail"} <= problem.keys():
            raise _Refused(problem["code"], str(problem["detail"]))
        raise error_from(answer.status, raw, answer.headers, f"jobs {arguments.action}")
    return decode(raw)


def _query(wanted: dict[str, Any]) -> str:
    given = {key: value for key, value in wanted.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _server(src: str, token: str | None) -> tuple[str, str | None]:
    """The server's address, and the operator's token if it can be read here. Raises `NotFound` if no server runs."""
    path = Path(src)
    if path.is_dir():
        folder = path
    elif path.is_file():
        folder = journal_folder(load(), str(path.resolve()))
    else:
        return src, token
    server = folder / SERVER_FILE
    if not server.is_file():
        raise NotFound(f"No server of {src} runs, or it keeps its data elsewhere: name that folder, or its URL.")
    return decode(server.read_bytes())["url"], token or (folder / OPERATOR_TOKEN).read_text()


def _table(jobs: list[dict[str, Any]], more: str | None) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("ID", "ENDPOINT", "STATE", "USER", "ACCEPTED", "WAITED", "RAN"):
        table.add_column(title, no_wrap=title == "ID")
    for job in jobs:
        code = (job.get("error") or {}).get("code")
        state = f"failed: {code}" if code and job["state"] == "failed" else job["state"]
        if job["rank"] is not None:
            state += f" ({job['rank']} before it)"
        at = datetime.datetime.fromtimestamp(job["accepted_at"]).strftime("%Y-%m-%d %H:%M:%S")
        waited = _seconds(job["accepted_at"], job["started_at"])
        ran = _seconds(job["started_at"], job["finished_at"])
        texts = (job["id"], job["endpoint"], state, job.get("user") or "", at, waited, ran)
        table.add_row(*(Text(terminal(text)) for text in texts))
    Console().print(table)
    if more is not None:
        print(f"More: --before {more}")


def _seconds(begin: float | None, end: float | None) -> str:
    return "" if begin is None or end is None else f"{end - begin:.3f} s"
