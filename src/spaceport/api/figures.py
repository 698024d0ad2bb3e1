"""`/--spaceport/bokeh/…`: draws figures of bokeh, with the JavaScript of the bokeh that is installed beside the Space.

Bokeh needs style elements and, for callbacks, `eval`, which the policy of a page forbids. So it has a sandboxed frame:
the frame has no origin and no cookies, and may connect to nothing.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
from pathlib import Path

from spaceport.api.exchange import HttpExchange
from spaceport.errors import NotFound

BOKEH = "/--spaceport/bokeh"
_PARTS = ("bokeh", "bokeh-gl", "bokeh-widgets", "bokeh-tables", "bokeh-mathjax")
_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
# The frame says that it is ready, receives a figure, and answers with its height or with what is wrong. The largest
# part of bokeh is loaded for figures with formulas only.
_FRAME = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A figure</title><style>body { margin: 0 }</style></head>
<body>
<div id="figure"></div>
<script>
const say = (what) => parent.postMessage(what, "*");
const load = (part) => new Promise((done, failed) => {
  const script = document.createElement("script");
  script.src = `${part}.min.js`;
  script.onload = done;
  script.onerror = () => failed(new Error(`${part} did not load`));
  document.head.append(script);
});
addEventListener("message", async ({ source, data }) => {
  if (source !== parent) return;
  try {
    await load("bokeh");
    const parts = ["bokeh-gl", "bokeh-widgets", "bokeh-tables"];
    if (/"(MathText|TeX|MathML|Ascii)"|\\$\\$/.test(JSON.stringify(data))) parts.push("bokeh-mathjax");
    await Promise.all(parts.map(load));
    await Bokeh.embed.embed_item(data, "figure");
    const tell = () => say({ height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
    new ResizeObserver(tell).observe(document.getElementById("figure"));
    tell();
  } catch (error) {
    say({ problem: error.message });
  }
});
say({ ready: true });
</script>
</body>
</html>
"""


async def frame(request: HttpExchange) -> None:
    """`GET frame`: the page in the frame. Raises `NotFound` when bokeh is not installed."""
    if await asyncio.to_thread(_folder) is None:
        raise NotFound("bokeh is not installed: run `pip install bokeh` where the Space runs.")
    headers = [(b"content-security-policy", _POLICY.encode()), (b"x-content-type-options", b"nosniff")]
    await request.reply(200, _FRAME.encode(), b"text/html; charset=utf-8", [*headers, (b"cache-control", b"no-cache")])


async def script(request: HttpExchange) -> None:
    """`GET {name}`: one file of bokeh's JavaScript. Raises `NotFound`."""
    data = await asyncio.to_thread(_part, request.params["name"])
    await request.reply(200, data, b"text/javascript; charset=utf-8", [(b"cache-control", b"public, max-age=3600")])


def _part(name: str) -> bytes:
    folder = _folder()
    if folder is None or name not in [f"{part}.min.js" for part in _PARTS]:
        raise NotFound("bokeh has no such file.")
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise NotFound("The installed bokeh has no such file.") from None


@functools.cache
def _folder() -> Path | None:
    """The folder of the JavaScript in the installed bokeh, which is found without importing it."""
    found = importlib.util.find_spec("bokeh")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0], "server", "static", "js")
