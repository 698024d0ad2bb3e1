"""Code that calls the Space, for its page, and descriptions of the Space for agents and people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from spaceport.api import body
from spaceport.api.exchange import HttpExchange
from spaceport.api.root import quotable_root
from spaceport.errors import InvalidInput
from spaceport.snippets.code import arguments, scripts
from spaceport.snippets.markdown import described, listed
from spaceport.snippets.script import SnippetTarget, Step
from spaceport.wire.documents import API_PREFIX
from spaceport.wire.json import decode, encode


class _Call(msgspec.Struct):
    name: str
    given: dict[str, Any]
    outputs: list[Any] = []


class _SnippetRequest(msgspec.Struct):
    calls: list[_Call]
    token: str = ""


async def snippets(request: HttpExchange) -> None:
    """`POST snippets` `{calls: [{name, given, outputs}], token}`: code that makes these calls, by language.

    `given` has arguments by name; a file of the caller is a path of the caller's own. `outputs` are the results of a
    call: where a later call takes one of them, the code has a variable.
    """
    try:
        wanted = msgspec.json.decode(await body.read(request), type=_SnippetRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(str(error)) from None
    if not wanted.calls:
        raise InvalidInput("Send at least one call.")
    steps = [_step(request, call) for call in wanted.calls]
    await request.json(scripts(_target(request, quotable_root(request), wanted.token), steps))


def _target(request: HttpExchange, root: str, token: str = "") -> SnippetTarget:
    options = request.context.options
    return SnippetTarget(root, API_PREFIX, token, space=options.hub_space, hub=options.hub_url)


def _step(request: HttpExchange, call: _Call) -> Step:
    info = request.context.catalog.get_endpoint(call.name.strip("/")).info
    names = [parameter.parameter_name for parameter in info.parameters]
    unknown = [name for name in call.given if name not in names]
    if unknown:
        raise InvalidInput(f"/{call.name} has no parameter {unknown[0]!r}. Parameters: {', '.join(names) or 'none'}.")
    return Step(f"/{call.name.strip('/')}", call.given, call.outputs)


async def agents_md(request: HttpExchange) -> None:
    """`GET /agents.md`: how to call the Space, for agents and people."""
    text = await asyncio.to_thread(_markdown, request, quotable_root(request))
    await request.reply(200, text.encode(), b"text/markdown; charset=utf-8")


async def llms_txt(request: HttpExchange) -> None:
    """`GET /llms.txt`: the Space's documents and their addresses (llmstxt.org)."""
    options, catalog = request.context.options, request.context.catalog
    names = [(f"/{e.name}", e.info.description) for e in catalog.endpoints if e.visibility == "public"]
    text = listed(options.title, options.description or "", quotable_root(request), names)
    await request.reply(200, text.encode(), b"text/plain; charset=utf-8")


def _markdown(request: HttpExchange, root: str) -> str:
    parts: list[tuple[str, dict[str, Any], dict[str, str]]] = []
    for endpoint in request.context.catalog.endpoints:
        if endpoint.visibility == "public":
            info = decode(encode(endpoint.info))
            steps: Sequence[Step] = [Step(f"/{endpoint.name}", arguments(info["parameters"]))]
            parts.append((f"/{endpoint.name}", info, scripts(_target(request, root), steps)))
    options = request.context.options
    return described(options.title, options.description or "", root, API_PREFIX, parts)
