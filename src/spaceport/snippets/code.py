"""A call of an endpoint as code, for `/info`, pages and `spaceport snippets`. Each text runs as it stands."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from spaceport.snippets.example import example
from spaceport.wire.filedata import is_file_data

_FILE = "file in place of this: "
LANGUAGES = ("python", "python_async", "javascript", "bash", "bash_stream", "cli")


def arguments(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Example arguments by name, from the parameters that `/info` lists; optional ones keep their default."""
    return {
        str(one["parameter_name"]): one.get("parameter_default")
        if one.get("parameter_has_default")
        else example(one.get("type"), one.get("example_input"))
        for one in parameters
    }


def snippets(root: str, prefix: str, name: str, given: Mapping[str, Any], *, ours: bool = True) -> dict[str, str]:
    """Code for one call; `root` without a slash at its end, `prefix` as in `/config`, `name` with its slash.

    `ours` adds what only our servers understand (`bash_stream`: one request).
    """
    found = {
        "python": _python(root, name, given),
        "python_async": _python_async(root, name, given),
        "javascript": _javascript(root, name, given),
        "bash": _bash(root, prefix, name, given),
        "cli": _cli(root, name, given),
    }
    if ours:
        found["bash_stream"] = _bash_stream(root, prefix, name, given)
    return found


def _keywords(given: Mapping[str, Any], indent: str) -> str:
    return "".join(f"{indent}{name}={_literal(value)},\n" for name, value in given.items())


def _literal(value: Any) -> str:
    """A value in Python, its files by `handle_file`."""
    if is_file_data(value):
        return f"handle_file({value['path']!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)


def _names(first: str, given: Mapping[str, Any]) -> str:
    """What to import: `first`, and `handle_file` where there are files."""
    return f"{first}, handle_file" if "handle_file(" in _keywords(given, "") else first


def _python(root: str, name: str, given: Mapping[str, Any]) -> str:
    return (
        f"from spaceport import {_names('Client', given)}\n\n"
        f"client = Client({root!r})\n"
        f"result = client.predict(\n{_keywords(given, '    ')}    api_name={name!r},\n)\nprint(result)\n"
    )


def _python_async(root: str, name: str, given: Mapping[str, Any]) -> str:
    return (
        f"import asyncio\n\nfrom spaceport import {_names('AsyncClient', given)}\n\n\n"
        "async def main() -> None:\n"
        f"    async with AsyncClient({root!r}) as client:\n"
        f"        result = await client.predict(\n{_keywords(given, '            ')}"
        f"            api_name={name!r},\n        )\n        print(result)\n\n\nasyncio.run(main())\n"
    )


def _javascript(root: str, name: str, given: Mapping[str, Any]) -> str:
    body = json.dumps(_marked(dict(given)), indent=2, ensure_ascii=False)
    body = re.sub(rf'"{_FILE}(.*?)"', r'handle_file("\1")', body)
    names = "Client, handle_file" if "handle_file(" in body else "Client"
    return (
        f'import {{ {names} }} from "@gradio/client";\n\n'
        f"const client = await Client.connect({json.dumps(root)});\n"
        f"const result = await client.predict({json.dumps(name)}, {body});\nconsole.log(result.data);\n"
    )


def _marked(value: Any) -> Any:
    """The value with a mark and its path for each file."""
    if is_file_data(value):
        return f"{_FILE}{value['path']}"
    if isinstance(value, dict):
        return {key: _marked(one) for key, one in value.items()}
    return list(map(_marked, value)) if isinstance(value, list) else value


def _address(root: str, prefix: str, name: str, way: str) -> str:
    return f"{root}{prefix}/{way}/{quote(name.strip('/'))}"


def _body(given: Mapping[str, Any]) -> str:
    return shlex.quote(json.dumps(dict(given), ensure_ascii=False))


def _bash(root: str, prefix: str, name: str, given: Mapping[str, Any]) -> str:
    url = shlex.quote(_address(root, prefix, name, "call/v2"))
    events = shlex.quote(_address(root, prefix, name, "call"))
    post = f"curl -s {url} \\\n  -H 'Content-Type: application/json' \\\n  -d {_body(given)}"
    return f"EVENT_ID=$({post} | cut -d'\"' -f4)\ncurl -sN {events}/$EVENT_ID\n"


def _bash_stream(root: str, prefix: str, name: str, given: Mapping[str, Any]) -> str:
    url = shlex.quote(_address(root, prefix, name, "call/v2"))
    headers = "-H 'Accept: text/event-stream' -H 'Content-Type: application/json'"
    return f"curl -sN {url} \\\n  {headers} \\\n  -d {_body(given)}\n"


def _cli(root: str, name: str, given: Mapping[str, Any]) -> str:
    words = [f"{key}={_word(value)}" for key, value in given.items()]
    return shlex.join(["spaceport", "call", root, name.strip("/"), *words]) + "\n"


def _word(value: Any) -> str:
    """A value as the command line takes it: a file by its path or URL, the rest as JSON."""
    return str(value["path"]) if is_file_data(value) else json.dumps(value, ensure_ascii=False)
