"""Serves all Spaces of golden.py with the real Gradio, each under its name: `on_gradio.py PORT`.

golden.py is written for our API; this module stands in for `spaceport` and builds the same apps out of
Gradio's parts. Runs in an environment that has Gradio.
"""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

import fastapi
import gradio as gr
import uvicorn


class Space:
    """Collects endpoints, then builds one Blocks."""

    def __init__(self, title=None, mode=None, **_):
        self.title = title
        self.endpoints = []

    def api(self, fn=None, **options):
        if fn is None:
            return lambda fn: self.api(fn, **options)
        self.endpoints.append((fn, options))
        return fn

    def build(self):
        with gr.Blocks(title=self.title) as demo:
            rendered = set()
            for fn, given in self.endpoints:
                options = dict(given)
                inputs, outputs = options.pop("inputs", None), options.pop("outputs", None)
                names = {"name": "api_name", "visibility": "api_visibility"}
                options = {names.get(key, key): value for key, value in options.items()}
                if inputs is None:
                    gr.api(fn, **options)
                    continue
                for component in [*inputs, *outputs]:
                    if id(component) not in rendered:
                        component.render()
                        rendered.add(id(component))
                gr.on(triggers=[demo.load], fn=fn, inputs=inputs, outputs=outputs, **options)
        return demo


def files():
    """What golden.py has no words for yet: files in and out."""

    def copies(file, count):
        return [file] * int(count)

    with gr.Blocks() as demo:
        one, many, number, remote = gr.File(), gr.File(file_count="multiple"), gr.Number(), gr.JSON()
        gr.on([demo.load], lambda file: file, [one], [one], api_name="same")
        gr.on([demo.load], copies, [one, number], [many], api_name="copies")
        gr.on([demo.load], lambda files: [Path(f).stat().st_size for f in files], [many], [remote], api_name="sizes")
    return demo


def main():
    names = "Textbox Checkbox Number Slider Radio Dropdown JSON State Error Info Warning Success Progress Request"
    stand_in = types.ModuleType("spaceport")
    for one in [*names.split(), "ChatInterface", "Header", "EventData", "Interface", "validate", "cache"]:
        setattr(stand_in, one, getattr(gr, one))
    stand_in.Space = Space
    sys.modules["spaceport"] = stand_in
    golden = importlib.import_module("golden")
    app = fastapi.FastAPI()
    for name, space in vars(golden).items():
        if isinstance(space, (Space, gr.Blocks)):
            demo = space.build() if isinstance(space, Space) else space
            app = gr.mount_gradio_app(app, demo.queue(), path=f"/{name}", show_error=name == "s09")
    app = gr.mount_gradio_app(app, files().queue(), path="/files")
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")


main()
