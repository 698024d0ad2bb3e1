"""A Space for the pages' tests: each component in and out, and what a page has to show of a running call."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spaceport as sp

space = sp.Space(title="Every component", description="One endpoint for **each** component, and some that take time.")

WORDS = ["red", "green", "blue"]
ECHOED: dict[str, Any] = {
    "textbox": sp.Textbox(label="Text", placeholder="Say something"),
    "number": sp.Number(label="Number", minimum=0, maximum=10),
    "slider": sp.Slider(0, 10, step=0.5, value=2, label="Slider"),
    "checkbox": sp.Checkbox(label="Checkbox"),
    "radio": sp.Radio(WORDS, label="Radio"),
    "checkboxgroup": sp.CheckboxGroup(WORDS, label="Group"),
    "dropdown": sp.Dropdown(WORDS, label="Dropdown"),
    "dropdown_many": sp.Dropdown(WORDS, multiselect=True, label="Several"),
    "colorpicker": sp.ColorPicker(label="Colour"),
    "datetime": sp.DateTime(label="Time"),
    "code": sp.Code(language="python", label="Code"),
    "json": sp.JSON(label="JSON"),
    "markdown": sp.Markdown(label="Markdown"),
    "dataframe": sp.Dataframe(headers=["name", "size"], datatype=["str", "number"], label="Table"),
    "file": sp.File(label="File"),
    "files": sp.File(file_count="multiple", label="Files"),
    "image": sp.Image(type="filepath", label="Image"),
    "imageeditor": sp.ImageEditor(label="Drawing", type="filepath"),
    "model3d": sp.Model3D(label="Model"),
    "audio": sp.Audio(type="filepath", label="Audio"),
    "video": sp.Video(label="Video"),
    "gallery": sp.Gallery(type="filepath", label="Gallery"),
    "highlighted": sp.HighlightedText(label="Highlighted"),
    "multimodal": sp.MultimodalTextbox(label="Text and files"),
}


def _echo(name: str, component: Any) -> None:
    def echo(value: Any) -> Any:
        return value

    echo.__doc__ = f"Gives back what {name} took."
    space.api(echo, name=f"echo_{name}", inputs=[component], outputs=[component])


for name, component in ECHOED.items():
    _echo(name, component)


@space.api(outputs=sp.Label(num_top_classes=3))
def label(text: str) -> dict[str, float]:
    """How likely it is what."""
    return {"a question": 0.7, "an answer": 0.2, "neither": 0.1} if text.endswith("?") else {"an answer": 1.0}


@space.api(outputs=sp.HTML())
def html(text: str) -> str:
    """HTML of the author's: scripts in it do not run."""
    return (
        f"<b id=shown>{text}</b><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    )


@space.api
def spell(text: str, seconds: float = 0.02) -> Iterator[str]:
    """Letter by letter."""
    for end in range(1, len(text) + 1):
        time.sleep(seconds)
        yield text[:end]


@space.api(concurrency_limit=1)
def slow(seconds: float, progress: sp.Progress = sp.Progress()) -> str:  # noqa: B008
    """Takes its time, and says how far it is."""
    steps = max(1, int(seconds * 10))
    for number in range(steps):
        progress((number, steps), desc="counting")
        time.sleep(0.1)
        if sp.cancelled():
            break
    return f"waited {seconds:g} s"


@space.api
def fail(how: str = "error") -> str:
    """Fails, as its author meant it or not; says something first."""
    sp.Info("This will fail.", title="Look out")
    if how == "error":
        raise sp.Error("No more paper.", title="Printer")
    raise RuntimeError("secret")


kept = sp.State(0)


@space.api(inputs=[kept], outputs=[sp.Number(label="In this session"), kept])
def count(seen: int) -> tuple[int, int]:
    """Counts the calls of a session."""
    return seen + 1, seen + 1


@space.api(examples=[["hello", 2], ["good morning", 3]])
def repeat(text: str, times: int = 2) -> str:
    """Has examples."""
    return " ".join([text] * times)


@space.api
def report(text: str) -> Path:
    """A file to download."""
    path = Path(tempfile.mkdtemp(), "report.txt")
    path.write_text(text)
    return path


@space.api(outputs=sp.Plot(label="Figure"))
def figure(kind: str) -> Any:
    """A figure of plotly (bars, or a heatmap), altair, bokeh or matplotlib."""
    return FIGURES[kind]()


def _bars() -> Any:
    import plotly.graph_objects as plotly

    return plotly.Figure(plotly.Bar(x=["a", "b"], y=[1, 3]), layout={"title": {"text": "Sizes"}})


def _heatmap() -> Any:
    import plotly.graph_objects as plotly

    return plotly.Figure(plotly.Heatmap(z=[[1, 2], [3, 4]]))


def _altair() -> Any:
    import altair
    import pandas as pd

    table = pd.DataFrame({"fruit": ["pear", "fig", "plum"], "size": [3, 1, 2]})
    chart = altair.Chart(table, title="Fruit").mark_bar()
    return chart.encode(x="fruit", y="size", tooltip="size").transform_filter("datum.size > 0")


def _bokeh() -> Any:
    from bokeh.models import CustomJS
    from bokeh.plotting import figure as bokeh_figure

    made = bokeh_figure(height=260, title="Points", sizing_mode="stretch_width")
    made.scatter([1, 2, 3], [2, 3, 1], size=12)
    made.js_on_change("inner_width", CustomJS(code="document.title = 'A callback ran'"))
    return made


def _matplotlib() -> Any:
    from matplotlib.figure import Figure

    made = Figure(figsize=(3, 2))
    made.subplots().plot([1, 3, 2])
    return made


FIGURES = {"plotly": _bars, "heatmap": _heatmap, "altair": _altair, "bokeh": _bokeh, "matplotlib": _matplotlib}
FIGURES["broken"] = lambda: {"type": "altair", "plot": '{"mark": "nothing", "data": {"values": [{"a": 1}]}}'}


DRAWING = sp.ImageEditor(label="Drawing", type="pil", brush={"colors": ["#ff0000", "#0000ff"], "default_size": 6})
PLACES = [(0.3, 0.5), (0.5, 0.15), (0.5, 0.9)]


@space.api(inputs=[DRAWING])
def pixels(drawing: Any) -> str:
    """The colours of a drawing's pictures: in the middle, at the top, at the bottom."""

    def of(picture: Any) -> Any:
        wide, high = picture.size
        return [picture.convert("RGBA").getpixel((int(wide * x), int(high * y))) for x, y in PLACES]

    return json.dumps({"composite": of(drawing["composite"]), "layers": [of(one) for one in drawing["layers"]]})


@space.api(outputs=sp.LinePlot(x="x", y="y", label="Line"))
def line(points: int) -> Any:
    """A line over a table."""
    import pandas as pd

    return pd.DataFrame({"x": range(points), "y": [n * n for n in range(points)]})
