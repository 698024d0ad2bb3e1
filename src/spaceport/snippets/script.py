"""Calls in order as one script, in Python, JavaScript and bash: what one gave and a later one takes is a variable.

Files: one that only its caller has is named by its path; one that a server has, by its URL.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from spaceport.wire.filedata import META, is_file_data

_WORTH = 3
"""Characters of a text from which on two that are equal are hardly so by chance."""
_JSON = "-H 'Content-Type: application/json'"
_MARK = re.compile("\0(.*?)\0")


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `name` with its slash; `outputs`: what it gave, as far as that is known."""

    name: str
    given: Mapping[str, Any]
    outputs: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class SnippetTarget:
    """Where a call goes: `root` without a slash at its end, `prefix` as in `/config`, a token where one is needed."""

    root: str
    prefix: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An argument that is what an earlier step gave."""

    step: int
    output: int
    of: int
    is_file: bool


def linked(steps: Sequence[Step], place: int) -> dict[str, Any]:
    """A step's arguments, with `Earlier` for those that earlier ones gave, and files as callers name them."""
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
        return value == given and len(value) >= _WORTH
    if isinstance(value, (dict, list)):
        return bool(value) and value == given
    return isinstance(value, float) and not value.is_integer() and value == given


def is_local(value: Any) -> bool:
    """Whether a file is one that its caller has."""
    return is_file_data(value) and not str(value["path"]).startswith(("http://", "https://"))


def _result(place: int, count: int) -> str:
    return "result" if count == 1 else f"result_{place + 1}"


# Python


def python(at: SnippetTarget, steps: Sequence[Step]) -> str:
    """With our client; `gradio_client` takes the same."""
    body = []
    for place, step in enumerate(steps):
        name = _result(place, len(steps))
        given = keywords(linked(steps, place), "    ", len(steps))
        body.append(f"{name} = client.predict(\n{given}    api_name={step.name!r},\n)\nprint({name})\n")
    names = "Client, handle_file" if any("handle_file(" in one for one in body) else "Client"
    return f"from spaceport import {names}\n\nclient = Client({connected(at)})\n" + "\n".join(body)


def connected(at: SnippetTarget) -> str:
    """The arguments of a Python client."""
    return f"{at.root!r}, token={at.token!r}" if at.token else repr(at.root)


def keywords(given: Mapping[str, Any], indent: str, count: int = 1) -> str:
    return "".join(f"{indent}{name}={literal(value, count)},\n" for name, value in given.items())


def literal(value: Any, count: int = 1) -> str:
    """A value in Python, its files by `handle_file`."""
    if isinstance(value, Earlier):
        text = _result(value.step, count) + (f"[{value.output}]" if value.of != 1 else "")
        return f"handle_file({text})" if value.is_file else text
    if is_file_data(value):
        return f"handle_file({value['path']!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {literal(one, count)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(one, count) for one in value) + "]"
    return repr(value)


# JavaScript


def javascript(at: SnippetTarget, steps: Sequence[Step]) -> str:
    """With the client that npm has."""
    calls = javascript_calls(steps, "console.log({}.data);", lambda path: f"handle_file({json.dumps(path)})")
    names = "Client, handle_file" if "handle_file(" in calls else "Client"
    return (
        f'import {{ {names} }} from "@gradio/client";\n\n'
        f"const client = await Client.connect({javascript_connected(at)});\n{calls}"
    )


def javascript_connected(at: SnippetTarget) -> str:
    options = f", {{ token: {json.dumps(at.token)} }}" if at.token else ""
    return f"{json.dumps(at.root)}{options}"


def javascript_calls(steps: Sequence[Step], shows: str, file: Callable[[str], str], indent: str = "") -> str:
    """The calls alone. `shows` what shows a result, `file` a file by its path or URL."""

    def expression(value: Any) -> str:
        if isinstance(value, Earlier):
            return f"{_result(value.step, len(steps))}.data[{value.output}]"
        return file(value["path"])

    parts = []
    for place, step in enumerate(steps):
        name = _result(place, len(steps))
        body = _spliced(linked(steps, place), expression, 2).replace("\n", f"\n{indent}")
        parts.append(
            f"{indent}const {name} = await client.predict({json.dumps(step.name)}, {body});\n"
            f"{indent}{shows.format(name)}\n"
        )
    return "".join(parts)


def _spliced(value: Any, expression: Callable[[Any], str], indent: int | None) -> str:
    """JSON with expressions in it."""
    found: list[str] = []

    def marked(one: Any) -> Any:
        if isinstance(one, Earlier) or is_file_data(one):
            found.append(expression(one))
            return f"\0{len(found) - 1}\0"
        if isinstance(one, dict):
            return {key: marked(inner) for key, inner in one.items()}
        return [marked(inner) for inner in one] if isinstance(one, list) else _clean(one)

    text = json.dumps(marked(value), indent=indent, ensure_ascii=False)
    return re.sub('"\\\\u0000(\\d+)\\\\u0000"', lambda match: found[int(match[1])], text)


def _clean(value: Any) -> Any:
    """A text without the mark's own character."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


# bash


def bash(at: SnippetTarget, steps: Sequence[Step]) -> str:
    """With curl, in two steps for each call; also for plain `sh`."""
    lines: list[str] = []
    uploaded: dict[str, str] = {}
    several = len(steps) > 1
    for place, step in enumerate(steps):
        given = linked(steps, place)
        lines += uploads(at, given, uploaded)
        url = shlex.quote(address(at, step.name, "call/v2"))
        body = shell_body(given, uploaded, steps)
        lines.append(f"EVENT_ID=$(curl -s {url} \\\n  {_JSON}{bearer(at)} \\\n  -d {body} | cut -d'\"' -f4)")
        events = f"curl -sN{bearer(at)} {shlex.quote(address(at, step.name, 'call'))}/$EVENT_ID"
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
    return f"{at.root}{at.prefix}/{way}/{quote(name.strip('/'))}"


def bearer(at: SnippetTarget) -> str:
    return f" -H {shlex.quote(f'Authorization: Bearer {at.token}')}" if at.token else ""


def uploads(at: SnippetTarget, given: Any, uploaded: dict[str, str]) -> list[str]:
    """Lines that send the caller's own files; `uploaded` gets each one's variable by its path."""
    lines = []
    for path in _local_paths(given):
        if path not in uploaded:
            uploaded[path] = f"FILE_{len(uploaded) + 1}"
            url = shlex.quote(f"{at.root}{at.prefix}/upload")
            form = shlex.quote(f"files=@{path}")
            lines.append(f"{uploaded[path]}=$(curl -s {url}{bearer(at)} -F {form} | cut -d'\"' -f2)")
    return lines


def _local_paths(value: Any) -> list[str]:
    if is_local(value):
        return [value["path"]]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [path for part in parts for path in _local_paths(part)]


def shell_body(given: Mapping[str, Any], uploaded: Mapping[str, str], steps: Sequence[Step] = ()) -> str:
    """Arguments as a JSON object, quoted for a shell, with its variables in it."""
    values: list[str] = []

    def expression(value: Any) -> str:
        if isinstance(value, Earlier) and value.of == 1:
            values.append(f"""'"$VALUE_{value.step + 1}"'""")
        elif isinstance(value, Earlier):  # nothing in every shell takes an array apart
            return json.dumps(steps[value.step].outputs[value.output], ensure_ascii=False)
        elif is_local(value):
            path = f"""'"${uploaded[value["path"]]}"'"""
            values.append(f'{{"path": "{path}", "meta": {{"_type": "{META}"}}}}')
        else:
            return json.dumps(value, ensure_ascii=False)
        return f"\0{len(values) - 1}\0"

    text = shlex.quote(_spliced(dict(given), expression, None))
    return _MARK.sub(lambda match: values[int(match[1])], text)
