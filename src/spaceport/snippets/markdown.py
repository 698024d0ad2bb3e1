"""Writes a Space's API as Markdown, for agents and people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from spaceport.snippets.quoting import fenced, markdown_code, one_line, shell_word

_HOW = """Each call is a job. Call an endpoint with named arguments and wait for its result in one request:

```sh
curl -s {call} -H 'Prefer: wait=60' -H 'Content-Type: application/json' -d '{{"argument": "value"}}'
```

The answer is `{{"event_id": "…", "data": [one value for each output]}}`; 202 with `Location` says that it runs still.
With `Accept: text/event-stream` the values come as they are made. A wrong call is answered with 4xx and a JSON body
that says what is wrong. Upload files first (`curl {upload} -F files=@a.txt` answers with their paths) and pass
`{{"path": "…", "meta": {{"_type": "gradio.FileData"}}}}`; a public URL as `path` works too. If the Space asks for a
token, send `Authorization: Bearer …`.
"""


def described(
    title: str,
    description: str,
    root: str,
    prefix: str,
    endpoints: Iterable[tuple[str, Mapping[str, Any], Mapping[str, str]]],
) -> str:
    """Write `agents.md`. `endpoints` are triples: the name with its slash, its entry in `/info`, and its snippets."""
    parts = [f"# {one_line(title)}", *([description] if description else []), f"Address: {root}"]
    api = f"{root}{prefix}"
    how = _HOW.format(call=shell_word(f"{api}/call/NAME"), upload=shell_word(f"{api}/upload"))
    parts.append(how.strip())
    parts.append(f"Machine-readable: [OpenAPI]({root}/openapi.json), [info]({root}{prefix}/info).")
    for name, info, code in endpoints:
        parts += [f"## {one_line(name)}", *([info["description"]] if info.get("description") else [])]
        parts.append(_table(info["parameters"]) if info["parameters"] else "It takes no parameters.")
        returns = [
            f"- {one_line(str(one['label']))}: {markdown_code(str(one['python_type']['type']))}"
            for one in info["returns"]
        ]
        parts.append("Returns:\n\n" + ("\n".join(returns) or "- nothing"))
        parts.append(fenced("python", code["python"]))
        parts.append(fenced("sh", code["bash_stream"]))
    return "\n\n".join(parts) + "\n"


def _type(value: Mapping[str, Any]) -> str:
    return markdown_code(str(value["python_type"]["type"]))


def _table(parameters: Iterable[Mapping[str, Any]]) -> str:
    rows = ["| parameter | type | default | |", "|---|---|---|---|"]
    for one in parameters:
        default = markdown_code(json.dumps(one["parameter_default"])) if one["parameter_has_default"] else "required"
        about = str(one["label"]) if one["label"] != one["parameter_name"] else ""
        cells = [
            markdown_code(str(one["parameter_name"])),
            _type(one),
            default,
            one_line(about),
        ]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def listed(title: str, description: str, root: str, endpoints: Iterable[tuple[str, str]]) -> str:
    """Write `llms.txt`: a list of what there is to read."""
    lines = [
        f"# {one_line(title)}",
        "",
        *([f"> {' '.join(description.split())}", ""] if description else []),
        "## API",
        "",
    ]
    lines.append(f"- [How to call it]({root}/agents.md): every endpoint with its parameters and code")
    lines.append(f"- [OpenAPI]({root}/openapi.json)")
    lines += ["", "## Endpoints", ""]
    lines += [f"- {one_line(name)}: {' '.join(text.split()) or 'no description'}" for name, text in endpoints]
    return "\n".join(lines) + "\n"
