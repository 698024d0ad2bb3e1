"""A call of an endpoint as code, for `/info`, pages and `spaceport snippets`. Each text runs as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from spaceport.snippets.example import example
from spaceport.snippets.quoting import javascript_in_html, json_text, python_literal, shell_word
from spaceport.snippets.script import (
    SnippetTarget,
    Step,
    address,
    bash,
    bearer,
    connected,
    is_local,
    javascript,
    javascript_calls,
    javascript_connected,
    json_value,
    linked,
    python,
    python_arguments,
    shell_body,
    uploads,
)
from spaceport.wire.filedata import is_file_data

LANGUAGES = ("python", "python_async", "javascript", "bash", "bash_stream", "cli")


def arguments(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Make example arguments by name, from the parameters that `/info` lists; optional ones keep their default."""
    return {
        str(one["parameter_name"]): one.get("parameter_default")
        if one.get("parameter_has_default")
        else example(one.get("type"), one.get("example_input"))
        for one in parameters
    }


def snippets(
    root: str, prefix: str, name: str, given: Mapping[str, Any], *, ours: bool = True, space: str = "", hub: str = ""
) -> dict[str, str]:
    """Code for one call; `root` without a slash at its end, `prefix` as in `/config`, `name` with its slash.

    `ours` adds what only our servers understand (`bash_stream`: one request). `space` is the Space's `owner/name` on
    the hub at `hub`: the clients then connect by name.
    """
    found = scripts(SnippetTarget(root, prefix, space=space, hub=hub), [Step(name, given)])
    kinds = LANGUAGES if ours else [kind for kind in LANGUAGES if kind != "bash_stream"]
    return {kind: found[kind] for kind in kinds}


def scripts(at: SnippetTarget, steps: Sequence[Step]) -> dict[str, str]:
    """Write calls as a script in Python, JavaScript and bash; a single call also in the other languages."""
    found = {"python": python(at, steps), "javascript": javascript(at, steps), "bash": bash(at, steps)}
    if len(steps) == 1:
        (step,) = steps
        found["python_async"] = _python_async(at, step)
        found["browser"] = _browser(at, step)
        found["bash_stream"] = _bash_stream(at, step)
        found["cli"] = _cli(at, step)
    return found


def _python_async(at: SnippetTarget, step: Step) -> str:
    given = python_arguments(linked([step], 0), "            ")
    names = "AsyncClient, handle_file" if "handle_file(" in given else "AsyncClient"
    return (
        f"import asyncio\n\nfrom spaceport import {names}\n\n\n"
        "async def main() -> None:\n"
        f"    async with AsyncClient({connected(at)}) as client:\n"
        f"        result = await client.predict(\n{given}"
        f"            api_name={python_literal(step.name)},\n        )\n"
        "        print(result)\n\n\nasyncio.run(main())\n"
    )


def _browser(at: SnippetTarget, step: Step) -> str:
    """A web page that makes the call, with a field for each local file."""
    fields: list[str] = []

    def file(path: str) -> str:
        if path.startswith(("http://", "https://")):
            return f"handle_file({json_text(path)})"
        fields.append(f"file_{len(fields) + 1}")
        return f'await chosen("{fields[-1]}")'

    calls = javascript_calls([step], "document.body.append(JSON.stringify({}.data));", file, "  ")
    names = "Client, handle_file" if "handle_file(" in calls else "Client"
    inputs = "".join(f'<input type="file" id="{name}">\n' for name in fields)
    source = javascript_in_html(json_text(f"{at.root}/--spaceport/client.js"))
    chosen = (
        "  const chosen = (id) =>\n    new Promise((done) => {\n"
        "      const field = document.getElementById(id);\n"
        '      field.addEventListener("change", () => done(field.files[0]), { once: true });\n    });\n'
    )
    return (
        f'{inputs}<script type="module">\n'
        f"  import {{ {names} }} from {source};\n\n{chosen if fields else ''}"
        f"  const client = await Client.connect({javascript_in_html(javascript_connected(at))});\n"
        f"{javascript_in_html(calls)}</script>\n"
    )


def _bash_stream(at: SnippetTarget, step: Step) -> str:
    given, uploaded = linked([step], 0), dict[str, str]()
    lines = uploads(at, given, uploaded)
    url = shell_word(address(at, step.name, "call/v2"))
    headers = f"-H 'Accept: text/event-stream' -H 'Content-Type: application/json'{bearer(at)}"
    lines.append(f"curl -sN {url} \\\n  {headers} \\\n  -d {shell_body(given, uploaded)}")
    return "\n".join(lines) + "\n"


def _cli(at: SnippetTarget, step: Step) -> str:
    words = [f"{key}={_word(value)}" for key, value in linked([step], 0).items()]
    token = ["--token", at.token] if at.token else []
    place = [at.space or at.root, step.name.strip("/")]
    separator = ["--"] if any(word.startswith("-") for word in (*place, *words)) else []
    hub = f"SPACEPORT_HUB={shell_word(at.hub)} " if at.space and at.hub else ""
    return hub + " ".join(map(shell_word, ["spaceport", "call", *token, *separator, *place, *words])) + "\n"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _word(value: Any) -> str:
    """Write a value as the command line takes it: a file by its path or URL, the rest as JSON."""
    if is_file_data(value):
        path = str(value["path"])
        return f"./{path}" if is_local(value) and _is_json(path) else path
    return json_value(value)
