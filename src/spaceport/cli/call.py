"""`spaceport call SRC [endpoint] [args…]` makes one call of an app, ours or Gradio's, and shows its result as it comes.

Where a person looks, the output grows in place under a progress line; in a pipe, only the result is printed; with
`--json` every update is a line.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
from typing import Any

import msgspec
from rich.console import Console
from rich.live import Live
from rich.pretty import Pretty
from rich.text import Text

from spaceport.client.async_client import AsyncClient
from spaceport.client.core.endpoints import Endpoint
from spaceport.client.core.files import handle_file
from spaceport.client.errors import AppError
from spaceport.client.status import OutputUpdate, Status, StatusUpdate, Update
from spaceport.errors import InvalidInput, SpaceportError
from spaceport.snippets.quoting import terminal
from spaceport.wire.json import decode, encode


def call(arguments: argparse.Namespace) -> int:
    return asyncio.run(_call(arguments))


async def _call(arguments: argparse.Namespace) -> int:
    client = AsyncClient(
        arguments.src,
        token=arguments.token,
        verbose=False,
        auth=tuple(arguments.user.split(":", 1)) if arguments.user else None,
        download_files=arguments.files or True,
    )
    async with client:
        app = (await client.connect()).app
        try:
            endpoint = app.find(f"/{arguments.endpoint.strip('/')}" if arguments.endpoint else None, None)
            by_position, by_name = _given(arguments.arguments, endpoint)
            job = await client.submit(*by_position, fn_index=endpoint.index, **by_name)
        except TypeError as error:
            raise InvalidInput(str(error)) from None
        view = _View(as_json=arguments.json)
        try:
            async for update in job.updates():
                view.show(update)
        except asyncio.CancelledError:
            await asyncio.shield(job.abandon())
            raise
        finally:
            view.stop()
        problem = await job.exception()
        if problem is None:
            view.result(await job.result())
            return 0
        if isinstance(problem, AppError) or arguments.json:
            view.failed(problem)
            return 1
        raise problem


def _given(words: list[str], endpoint: Endpoint) -> tuple[list[Any], dict[str, Any]]:
    """Read arguments by name if all look like name=value, else by position."""
    files = [parameter.is_file for parameter in endpoint.parameters]
    by_name = {parameter.name: parameter.is_file for parameter in endpoint.parameters}
    pairs = [word.partition("=") for word in words]
    if words and all(found and (name.isidentifier() or name in by_name) for name, found, _ in pairs):
        return [], {name: _value(text, is_file=by_name.get(name, False)) for name, _, text in pairs}
    files += [False] * len(words)
    return [_value(word, is_file=is_file) for word, is_file in zip(words, files, strict=False)], {}


def _value(text: str, *, is_file: bool) -> Any:
    """Read a value: as JSON if it is JSON, as a file if the endpoint takes one, else as text."""
    try:
        return decode(text)
    except msgspec.DecodeError:
        pass
    try:
        return handle_file(text) if is_file else text
    except ValueError as error:
        raise InvalidInput(str(error)) from None


class _View:
    def __init__(self, *, as_json: bool) -> None:
        self._console = Console()
        self._as_json = as_json
        self._live = (
            None if as_json or not self._console.is_terminal else Live("", console=self._console, transient=True)
        )
        if self._live is not None:
            self._live.start()

    def show(self, update: Update) -> None:
        if self._as_json and not (isinstance(update, OutputUpdate) and update.final):
            for event, data in _event(update):
                self._line(event, data)
        elif self._live is not None:
            self._live.update(_shown(update))

    def stop(self) -> None:
        if self._live is not None:
            self._live.stop()

    def result(self, value: Any) -> None:
        if self._as_json:
            self._line("complete", value)
        elif isinstance(value, str):
            print(terminal(value) if self._console.is_terminal else value)
        elif self._console.is_terminal:
            self._console.print(Pretty(value))
        else:
            print(encode(value).decode())

    def failed(self, problem: BaseException) -> None:
        if self._as_json:
            code = problem.code if isinstance(problem, SpaceportError) else type(problem).__name__
            self._line("error", {"error": str(problem), "code": code})
        else:
            print(terminal(str(problem)), file=sys.stderr)

    def _line(self, event: str, data: Any) -> None:
        print(encode({"event": event, "data": data}).decode(), flush=True)


def _event(update: Update) -> list[tuple[str, Any]]:
    """The lines that `--json` prints for an update; none for an update that repeats another."""
    if isinstance(update, OutputUpdate):
        return [("generating", update.outputs)]
    if update.code is Status.PROGRESS:
        return [("progress", [dataclasses.asdict(unit) for unit in update.progress_data or []])]
    if update.code is Status.LOG and update.log is not None:
        return [("log", {"log": update.log[0], "level": update.log[1]})]
    if update.code is Status.IN_QUEUE:
        waiting = {"rank": update.rank, "queue_size": update.queue_size, "eta": update.eta}
        return [("status", {"state": "queued", **waiting})]
    return [("status", {"state": "running", "eta": update.eta})] if update.code is Status.PROCESSING else []


def _shown(update: Update) -> Any:
    if isinstance(update, OutputUpdate):
        return Text(terminal(update.outputs)) if isinstance(update.outputs, str) else Pretty(update.outputs)
    text, style = _status(update)
    return Text(terminal(text), style)


def _status(update: StatusUpdate) -> tuple[str, str]:
    """The text of the status line, and its style."""
    if update.code is Status.IN_QUEUE:
        eta = "" if update.eta is None else f", about {update.eta:.0f} s"
        return f"waiting: {update.rank} before you{eta}", "dim"
    if update.progress_data:
        unit = update.progress_data[-1]
        share = unit.progress
        if share is None and unit.length:
            share = (unit.index or 0) / unit.length
        bar = "" if share is None else "█" * round(share * 30) + "░" * (30 - round(share * 30)) + f" {share:4.0%}"
        return f"{bar} {unit.desc or ''}", ""
    if update.log is not None:
        return f"{update.log[1]}: {update.log[0]}", ""
    return "running", "dim"
