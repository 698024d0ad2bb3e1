"""Writes a sequence of calls as one script, in Python, JavaScript and bash.

A value that one call returned and a later one takes becomes a variable. A local file is named by its path, a file of a
server by its URL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from spaceport.snippets.quoting import (
    DEPTH_MAX,
    curl_file,
    is_python_name,
    javascript_key,
    json_text,
    python_literal,
    shell_word,
)
from spaceport.wire.filedata import META, is_file_data

_LINKED_TEXT_MIN = 3
"""Characters. Shorter equal texts may be equal by chance, and are not linked."""
_JSON = "-H 'Content-Type: application/json'"


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `name` has its slash; `outputs` are the values that it returned, if they are known."""

    name: str
    given: Mapping[str, Any]
    outputs: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class SnippetTarget:
    """Where a call goes: `root` without a slash at its end, `prefix` as in `/config`, a token where one is needed.

    `space` is the Space's `owner/name` if it is on a hub, and `hub` that hub's address: the clients then connect by
    name. An empty `hub` leaves it to the environment.
    """

    root: str
    prefix: str
    token: str = ""
    space: str = ""
    hub: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Stands for an argument that is an output of an earlier step."""

    step: int
    output: int
    of: int
    is_file: bool


def linked(steps: Sequence[Step], place: int) -> dict[str, Any]:
    """The arguments of a step, with `Earlier` for the outputs of earlier steps, and files as callers name them."""
    return {name: _linked(value, steps[:place]) for name, value in steps[place].given.items()}


def _linked(value: Any, before: Sequence[Step]) -> Any:
    for number in range(len(before) - 1, -1, -1):
        outputs = before[number].outputs
        for output, given in enumerate(outputs):
            if _is_same(value, given):
                return Earlier(number, output, len(outputs), is_file_data(value))
    if is_file_data(value):
        name = {"orig_name": value["orig_name"]} if value.get("orig_name") else {}
        return {"path": value.get("url") or value["path"], **name, "meta": {"_type": META}}
    if isinstance(value, dict):
        return {key: _linked(one, before) for key, one in value.items()}
    return [_linked(one, before) for one in value] if isinstance(value, list) else value


def _is_same(value: Any, given: Any) -> bool:
    if is_file_data(value):
        return is_file_data(given) and value["path"] == given["path"]
    if isinstance(value, str):
        return value == given and len(value) >= _LINKED_TEXT_MIN
    if isinstance(value, (dict, list)):
        return bool(value) and value == given
    return isinstance(value, float) and not value.is_integer() and value == given


def is_local(value: Any) -> bool:
    """Whether a value is a file on the caller's machine."""
    return is_file_data(value) and not str(value["path"]).startswith(("http://", "https://"))


def _result(place: int, count: int) -> str:
    return "result" if count == 1 else f"result_{place + 1}"


# Python

_CLIENT_KEYWORDS = frozenset({"api_name", "fn_index", "headers", "result_callbacks"})
"""Keywords of the client's own: parameters that are called so are given by position."""


def python(at: SnippetTarget, steps: Sequence[Step]) -> str:
    """Write a Python script for our client; `gradio_client` takes the same calls."""
    body = []
    for place, step in enumerate(steps):
        name = _result(place, len(steps))
        given = python_arguments(linked(steps, place), "    ", len(steps))
        body.append(f"{name} = client.predict(\n{given}    api_name={python_literal(step.name)},\n)\nprint({name})\n")
    names = "Client, handle_file" if any("handle_file(" in one for one in body) else "Client"
    return f"from spaceport import {names}\n\nclient = Client({connected(at)})\n" + "\n".join(body)


def connected(at: SnippetTarget) -> str:
    """The arguments of a Python client."""
    parts = [python_literal(at.space or at.root)]
    if at.space and at.hub:
        parts.append(f"hub={python_literal(at.hub)}")
    if at.token:
        parts.append(f"token={python_literal(at.token)}")
    return ", ".join(parts)


def python_arguments(given: Mapping[str, Any], indent: str, count: int = 1) -> str:
    """Arguments of a Python call, one a line. A name that is no Python name stands in a dict that is unpacked."""
    if not _CLIENT_KEYWORDS.isdisjoint(given):
        return "".join(f"{indent}{_python_value(value, count)},\n" for value in given.values())
    plain = {name: value for name, value in given.items() if is_python_name(name)}
    other = {name: value for name, value in given.items() if name not in plain}
    lines = [f"{name}={_python_value(value, count)}" for name, value in plain.items()]
    if other:
        lines.append(f"**{_python_value(other, count)}")
    return "".join(f"{indent}{line},\n" for line in lines)


def _python_value(value: Any, count: int, depth: int = 0) -> str:
    """A value in Python, its files by `handle_file`."""
    if isinstance(value, Earlier):
        text = _result(value.step, count) + (f"[{value.output}]" if value.of != 1 else "")
        return f"handle_file({text})" if value.is_file else text
    if is_file_data(value):
        return f"handle_file({python_literal(value['path'])})"
    if depth > DEPTH_MAX:
        return python_literal(value, depth)
    if isinstance(value, dict):
        pairs = (f"{python_literal(key)}: {_python_value(one, count, depth + 1)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_python_value(one, count, depth + 1) for one in value) + "]"
    return python_literal(value)


# JavaScript


def javascript(at: SnippetTarget, steps: Sequence[Step]) -> str:
    """Write a module for Node with the npm package."""
    calls = javascript_calls(steps, "console.log({}.data);", lambda path: f"handle_file({json_text(path)})")
    names = "Client, handle_file" if "handle_file(" in calls else "Client"
    return (
        f'import {{ {names} }} from "spaceport-client";\n\n'
        f"const client = await Client.connect({javascript_connected(at)});\n{calls}"
    )


def javascript_connected(at: SnippetTarget) -> str:
    options = [f"hub: {json_text(at.hub)}"] if at.space and at.hub else []
    if at.token:
        options.append(f"token: {json_text(at.token)}")
    return json_text(at.space or at.root) + (f", {{ {', '.join(options)} }}" if options else "")


def javascript_calls(steps: Sequence[Step], shows: str, file: Callable[[str], str], indent: str = "") -> str:
    """Write the calls alone. `shows` is the statement that shows a result; `file` writes a file by its path or URL."""

    def expression(value: Any) -> str:
        if isinstance(value, Earlier):
            return f"{_result(value.step, len(steps))}.data[{value.output}]"
        return file(value["path"])

    parts = []
    for place, step in enumerate(steps):
        name = _result(place, len(steps))
        body = _javascript_value(linked(steps, place), expression, f"\n{indent}")
        parts.append(
            f"{indent}const {name} = await client.predict({json_text(step.name)}, {body});\n"
            f"{indent}{shows.format(name)}\n"
        )
    return "".join(parts)


def _javascript_value(value: Any, expression: Callable[[Any], str], line: str, depth: int = 0) -> str:
    """Write a value that may contain expressions; `line` is the line break and indentation of its level."""
    if isinstance(value, Earlier) or is_file_data(value):
        return expression(value)
    if depth > DEPTH_MAX or not isinstance(value, (dict, list)):
        return _javascript_scalar(value)
    inner = f"{line}  "
    if isinstance(value, dict):
        items = [
            f"{javascript_key(key)}: {_javascript_value(one, expression, inner, depth + 1)}"
            for key, one in value.items()
        ]
        return "{" + inner + f",{inner}".join(items) + line + "}" if items else "{}"
    items = [_javascript_value(one, expression, inner, depth + 1) for one in value]
    return "[" + inner + f",{inner}".join(items) + line + "]" if items else "[]"


def _javascript_scalar(value: Any) -> str:
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value)) or _json_scalar(value)


def json_value(value: Any, depth: int = 0) -> str:
    """A value in JSON, in one line."""
    if depth <= DEPTH_MAX and isinstance(value, dict):
        pairs = (f"{json_text(key)}: {json_value(one, depth + 1)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if depth <= DEPTH_MAX and isinstance(value, list):
        return "[" + ", ".join(json_value(one, depth + 1) for one in value) + "]"
    return _json_scalar(value)


def _json_scalar(value: Any) -> str:
    """A text, a number, a boolean or null in JSON, which has no NaN and no infinity."""
    if isinstance(value, str):
        return json_text(value)
    if isinstance(value, (dict, list)):
        return "null"  # nested deeper than DEPTH_MAX
    text = {True: "true", False: "false", None: "null"}.get(value) if isinstance(value, (bool, type(None))) else None
    return text or (repr(value) if str(value) not in ("nan", "inf", "-inf") else "null")


# bash


def bash(at: SnippetTarget, steps: Sequence[Step]) -> str:
    """Write a script for curl, with two requests for each call, that also runs in plain `sh`."""
    lines: list[str] = []
    uploaded: dict[str, str] = {}
    several = len(steps) > 1
    for place, step in enumerate(steps):
        given = linked(steps, place)
        lines += uploads(at, given, uploaded)
        url = shell_word(address(at, step.name, "call/v2"))
        body = shell_body(given, uploaded, steps)
        lines.append(f"EVENT_ID=$(curl -s {url} \\\n  {_JSON}{bearer(at)} \\\n  -d {body} | cut -d'\"' -f4)")
        events = f'curl -sN{bearer(at)} {shell_word(address(at, step.name, "call"))}/"$EVENT_ID"'
        if not several:
            lines.append(events)
            continue
        number = place + 1
        lines.append(f"RESULT_{number}=$({events} | sed -n 's/^data: //p' | tail -n 1)")
        lines.append(f"printf '%s\\n' \"$RESULT_{number}\"")
        if len(step.outputs) == 1:
            lines.append(f"VALUE_{number}=${{RESULT_{number}#?}} VALUE_{number}=${{VALUE_{number}%?}}")
    return "\n".join(lines) + "\n"


def address(at: SnippetTarget, name: str, way: str) -> str:
    return f"{at.root}{at.prefix}/{way}/{quote(name.strip('/'), errors='replace')}"


def bearer(at: SnippetTarget) -> str:
    return f" -H {shell_word(f'Authorization: Bearer {at.token}')}" if at.token else ""


def uploads(at: SnippetTarget, given: Any, uploaded: dict[str, str]) -> list[str]:
    """Write the lines that upload local files; `uploaded` gets the variable of each by its path."""
    lines = []
    for path in _local_paths(given):
        if path not in uploaded:
            uploaded[path] = f"FILE_{len(uploaded) + 1}"
            url = shell_word(f"{at.root}{at.prefix}/upload")
            lines.append(f"{uploaded[path]}=$(curl -s {url}{bearer(at)} -F {curl_file(path)} | cut -d'\"' -f2)")
    return lines


def _local_paths(value: Any) -> list[str]:
    if is_local(value):
        return [value["path"]]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [path for part in parts for path in _local_paths(part)]


def shell_body(given: Mapping[str, Any], uploaded: Mapping[str, str], steps: Sequence[Step] = ()) -> str:
    """Write arguments as a JSON object, quoted for a shell, with the shell's variables in it."""
    parts = [""]  # JSON and variables take turns

    def add(value: Any, depth: int) -> None:
        if isinstance(value, Earlier) and value.of == 1:
            parts.extend((f"VALUE_{value.step + 1}", ""))
        elif isinstance(value, Earlier):  # a shell cannot take an array apart
            add(steps[value.step].outputs[value.output], depth)
        elif is_local(value):
            parts[-1] += '{"path": "'
            parts.extend((uploaded[value["path"]], f'", "meta": {{"_type": "{META}"}}}}'))
        elif isinstance(value, (dict, list)) and depth <= DEPTH_MAX:
            is_dict = isinstance(value, dict)
            parts[-1] += "{" if is_dict else "["
            for number, one in enumerate(value):
                parts[-1] += ", " if number else ""
                parts[-1] += f"{json_text(one)}: " if is_dict else ""
                add(value[one] if is_dict else one, depth + 1)
            parts[-1] += "}" if is_dict else "]"
        else:
            parts[-1] += _json_scalar(value)

    add(dict(given), 0)
    words = [f'"${one}"' if number % 2 else shell_word(one) for number, one in enumerate(parts)]
    return "".join(words)
