"""The Space's plain page: what it offers and how to call it. The full page comes with js/web."""

from __future__ import annotations

import html
import shlex
from urllib.parse import quote

from spaceport.snippets.example import example
from spaceport.space.space import Space
from spaceport.wire.json import encode

_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:46rem;margin:3rem auto;padding:0 1rem}"
    "pre{background:#f4f4f5;padding:.8rem;overflow:auto;border-radius:6px}"
)


def render(space: Space, root: str) -> bytes:
    """HTML of the page, for the app at the public URL `root`."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>{html.escape(space.title)}</title><style>{_STYLE}</style><main><h1>{html.escape(space.title)}</h1>",
        f"<p>{html.escape(space.description or '')}</p>",
    ]
    for endpoint in space.endpoints:
        if endpoint.visibility != "public":
            continue
        names = ", ".join(f"{p.parameter_name}: {p.python_type.type}" for p in endpoint.info.parameters)
        body = encode({p.parameter_name: example(p.type, p.example_input) for p in endpoint.info.parameters}).decode()
        call = f"{root}/gradio_api/call/v2/{quote(endpoint.name)}"
        parts.append(f"<h2>/{html.escape(endpoint.name)}</h2><p>{html.escape(endpoint.info.description)}</p>")
        parts.append(f"<p><code>{html.escape(endpoint.name)}({html.escape(names)})</code></p>")
        headers = "-H 'Accept: text/event-stream' -H 'Content-Type: application/json'"
        curl = f"curl -N {call} \\\n  {headers} \\\n  -d {shlex.quote(body)}"
        parts.append(f"<pre>{html.escape(curl)}</pre>")
    parts.append("<p><a href='gradio_api/openapi.json'>OpenAPI</a> · <a href='gradio_api/info'>info</a></p></main>")
    return "".join(parts).encode()
