"""A Space's API as Markdown, for agents and whoever reads: the API page without its buttons."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_HOW = """Each call is a job. Call an endpoint with named arguments and wait for its result in one request:

```sh
curl -s {api}/call/NAME -H 'Prefer: wait=60' -H 'Content-Type: application/json' -d '{{"argument": "value"}}'
```

The answer is `{{"event_id": "…", "data": [one value for each output]}}`; 202 with `Location` says that it runs still.
With `Accept: text/event-stream` the values come as they are made. A wrong call is answered with 4xx and a JSON body
that says what is wrong. Upload files first (`curl {api}/upload -F files=@a.txt` answers with their paths) and pass
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
    """`endpoints`: name with its slash, what `/info` says of it, its snippets."""
    parts = [f"# {title}", *([description] if description else []), f"Address: {root}"]
    parts.append(_HOW.format(api=f"{root}{prefix}").strip())
    parts.append(f"Machine-readable: [OpenAPI]({root}/openapi.json), [info]({root}{prefix}/info).")
    for name, info, code in endpoints:
        parts += [f"## {name}", *([info["description"]] if info.get("description") else [])]
        parts.append(_table(info["parameters"]) if info["parameters"] else "It takes no parameters.")
        returns = [f"- {one['label']}: `{one['python_type']['type']}`" for one in info["returns"]]
        parts.append("Returns:\n\n" + ("\n".join(returns) or "- nothing"))
        parts.append(f"```python\n{code['python']}```")
        parts.append(f"```sh\n{code['bash_stream']}```")
    return "\n\n".join(parts) + "\n"


def _table(parameters: Iterable[Mapping[str, Any]]) -> str:
    rows = ["| parameter | type | default | |", "|---|---|---|---|"]
    for one in parameters:
        default = f"`{json.dumps(one['parameter_default'])}`" if one["parameter_has_default"] else "required"
        about = str(one["label"]) if one["label"] != one["parameter_name"] else ""
        cells = [f"`{one['parameter_name']}`", f"`{one['python_type']['type']}`", default, about]
        rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows)


def listed(title: str, description: str, root: str, endpoints: Iterable[tuple[str, str]]) -> str:
    """`llms.txt`: what there is to read."""
    lines = [f"# {title}", "", *([f"> {' '.join(description.split())}", ""] if description else []), "## API", ""]
    lines.append(f"- [How to call it]({root}/agents.md): every endpoint with its parameters and code")
    lines.append(f"- [OpenAPI]({root}/openapi.json)")
    lines += ["", "## Endpoints", ""]
    lines += [f"- {name}: {' '.join(text.split()) or 'no description'}" for name, text in endpoints]
    return "\n".join(lines) + "\n"
