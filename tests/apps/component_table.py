"""One table of components and values, served with our package or the real one: `in_…` says what the function got,
`out_…` returns a value. With the real one: `component_table.py PORT` in an environment that has Gradio.

The rows up to `# Beyond the recordings` are those of the recorded scenarios 32 and 33. The media lie in the working
folder, which `media()` fills.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
import wave
from pathlib import Path

import altair
import numpy as np
import pandas as pd
import plotly.graph_objects as plotly
import polars
from bokeh.plotting import figure as bokeh_figure
from matplotlib.figure import Figure
from PIL import Image

try:
    import gradio as gr

    REAL = True
except ImportError:
    import spaceport as gr

    REAL = False

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
CLEAR = np.dstack([PIXELS, np.arange(16, dtype=np.uint8).reshape(4, 4) * 16])
PICTURE = Image.fromarray(PIXELS)
FRAME = pd.DataFrame({"x": [1, 2], "y": ["a", None]})
POINTS = pd.DataFrame({"x": [1, 2], "y": [3, 4]})
TIMES = pd.DataFrame({"t": pd.to_datetime(["2020-01-02", None]), "f": [1.5, float("inf")], "b": [True, False]})

TEXT = {"path": "a.txt"}
IMAGE, SOUND, VIDEO, MODEL = {"path": "i.png"}, {"path": "s.wav"}, {"path": "v.mp4"}, {"path": "m.obj"}
"""Stand for a FileData of an upload of this file."""

TAKES = {
    "Textbox": (gr.Textbox(), ["s", 5, None, ["l"]]),
    "Number": (gr.Number(), [5, 5.5, "7", None, True]),
    "NumberInt": (gr.Number(precision=0), [5.7, "x"]),
    "NumberLimits": (gr.Number(minimum=0, maximum=10), [11, -1, 5]),
    "Slider": (gr.Slider(0, 100, step=5), [7, 500, -3, "x", None]),
    "Checkbox": (gr.Checkbox(), [True, "yes", 0, None]),
    "CheckboxGroup": (gr.CheckboxGroup(["a", "b", ("C label", "c")]), [["a", "c"], ["zzz"], "a", None, []]),
    "CheckboxGroupIndex": (gr.CheckboxGroup(["a", "b"], type="index"), [["b"]]),
    "Radio": (gr.Radio(["a", "b"]), ["a", "zzz", None]),
    "RadioInt": (gr.Radio([1, 2, 3]), [1, "1"]),
    "RadioIndex": (gr.Radio(["a", "b"], type="index"), ["b"]),
    "Dropdown": (gr.Dropdown(["a", "b"]), ["a", "zzz", None, ["a"]]),
    "DropdownMulti": (gr.Dropdown(["a", "b"], multiselect=True), [["a"], ["zzz"], "a", None]),
    "DropdownCustom": (gr.Dropdown(["a", "b"], allow_custom_value=True), ["new"]),
    "Dataframe": (
        gr.Dataframe(headers=["x", "y"]),
        [
            {"headers": ["x", "y"], "data": [[1, "a"], [2, None]], "metadata": None},
            {"headers": ["x"], "data": []},
            [[1, 2]],
            {"data": [[1, 2]]},
            None,
            {"headers": ["x"], "data": [[1, 2]]},
            {"headers": ["x"], "data": [1]},
        ],
    ),
    "DataframeArray": (gr.Dataframe(type="array"), [{"headers": ["x", "y"], "data": [[1, "a"]]}]),
    "DataframeNumpy": (gr.Dataframe(type="numpy"), [{"headers": ["x", "y"], "data": [[1, 2]]}]),
    "JSON": (gr.JSON(), [{"a": 1}, [1], '"s"', 5, None]),
    "Code": (gr.Code(), ["x", None]),
    "ColorPicker": (gr.ColorPicker(), ["#ff0000", "rgb(1,2,3)", None, "<script>", ["#fff"]]),
    "DateTime": (gr.DateTime(), ["2020-01-02 03:04:05", 0, None, "2020-01-02", "2020-13-40 00:00:00"]),
    "DateTimeStr": (gr.DateTime(type="string"), ["2020-01-02 03:04:05"]),
    "DateTimeDt": (gr.DateTime(type="datetime"), ["2020-01-02 03:04:05"]),
    "HighlightedText": (
        gr.HighlightedText(),
        [[{"token": "a", "class_or_confidence": "X"}, {"token": "b"}], [["a", "X"]], None, "a"],
    ),
    "HTML": (gr.HTML(), ["<b>"]),
    "Markdown": (gr.Markdown(), ["# x"]),
    "Label": (gr.Label(), [{"label": "c", "confidences": [{"label": "c", "confidence": 0.9}]}, "c", None]),
    "Chatbot": (
        gr.Chatbot(),
        [
            [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
            [{"role": "user", "content": "hi"}],
            [{"role": "assistant", "content": "x", "metadata": {"title": "T"}}],
            [{"role": "user", "content": {"file": IMAGE, "alt_text": None}}],
            [["u", "b"]],
            None,
            [{"role": "user", "content": [{"type": "file", "file": IMAGE, "alt_text": "a"}]}],
        ],
    ),
    "MultimodalTextbox": (gr.MultimodalTextbox(), [{"text": "t", "files": [IMAGE]}, {"text": "t"}, "t", None]),
    "Image": (gr.Image(), [IMAGE, None, "/etc/passwd"]),
    "ImagePil": (gr.Image(type="pil"), [IMAGE]),
    "ImagePath": (gr.Image(type="filepath"), [IMAGE]),
    "ImageEditor": (gr.ImageEditor(), [{"background": IMAGE, "layers": [], "composite": None}, None]),
    "ImageSlider": (gr.ImageSlider(), [[IMAGE, IMAGE], None, [None]]),
    "Gallery": (gr.Gallery(), [[{"image": IMAGE, "caption": "c"}], [IMAGE], None, []]),
    "GalleryPath": (gr.Gallery(type="filepath"), [[{"image": IMAGE, "caption": None}]]),
    "Audio": (gr.Audio(), [SOUND, None]),
    "AudioPath": (gr.Audio(type="filepath"), [SOUND]),
    "Video": (gr.Video(), [VIDEO, {"video": VIDEO, "subtitles": None}, None]),
    "File": (gr.File(), [TEXT, [TEXT], None]),
    "FileBin": (gr.File(type="binary"), [TEXT]),
    "FileMulti": (gr.File(file_count="multiple"), [[TEXT], TEXT, None]),
    "UploadButton": (gr.UploadButton(), [TEXT]),
    "DownloadButton": (gr.DownloadButton(), [TEXT]),
    "Model3D": (gr.Model3D(), [MODEL]),
    "AnnotatedImage": (
        gr.AnnotatedImage(),
        [{"image": IMAGE, "annotations": [{"image": IMAGE, "label": "x"}]}],
    ),
    "Plot": (gr.Plot(), [{"type": "matplotlib", "plot": "data:image/png;base64,xx"}, None]),
    "LinePlot": (gr.LinePlot(), [None, {"a": 1}]),
    # Beyond the recordings
    "TextboxLong": (gr.Textbox(max_length=3), ["abc", "abcd"]),
    "RadioValue": (gr.Radio([("A", "a")]), ["a", "A"]),
    "DataframePolars": (gr.Dataframe(type="polars"), [{"headers": ["x", "y"], "data": [[1, "a"]]}]),
    "DateTimeDate": (gr.DateTime(include_time=False, type="string"), ["2020-01-02", "2020-01-02 03:04:05"]),
    "DateTimeZone": (gr.DateTime(timezone="Europe/Berlin"), ["2020-01-02 04:04:05"]),
    "ImageGray": (gr.Image(image_mode="L"), [IMAGE]),
    "FileTypes": (gr.File(file_types=[".csv"]), [TEXT]),
    "FileText": (gr.File(file_types=["text"]), [TEXT]),
}

SHOWS = {
    "Textbox": (gr.Textbox(), ["s", 5, None, ["l"]]),
    "Number": (gr.Number(), [5, 5.5, "7", True, None, np.float32(1.5), np.int64(3)]),
    "NumberP2": (gr.Number(precision=2), [3.14159, 3]),
    "Checkbox": (gr.Checkbox(), [True, 0, "x"]),
    "Slider": (gr.Slider(0, 10), [5, 50, None]),
    "CheckboxGroup": (gr.CheckboxGroup(["a", "b"]), [["a"], "a", None, ["zzz"]]),
    "Radio": (gr.Radio(["a", "b"]), ["a", None, "zzz", 1]),
    "Dropdown": (gr.Dropdown(["a", "b"]), ["a", None, "zzz", ["a"]]),
    "DropdownMulti": (gr.Dropdown(["a", "b"], multiselect=True), [["a", "b"], "a", None]),
    "Dataframe": (
        gr.Dataframe(),
        [
            FRAME,
            [[1, 2], [3, 4]],
            {"headers": ["h"], "data": [[1]]},
            np.array([[1, 2]]),
            None,
            [1, 2],
            FRAME.style,
            TIMES,
            polars.DataFrame({"x": [1], "y": ["a"]}),
        ],
    ),
    "JSON": (
        gr.JSON(),
        [{"a": 1}, [1], '{"s": 1}', "notjson", 5, None, {"nan": float("nan"), "inf": float("inf"), 1: 2}],
    ),
    "Code": (gr.Code(), ["x=1", None, ("f.py",)]),
    "ColorPicker": (gr.ColorPicker(), ["#fff", None]),
    "DateTime": (gr.DateTime(), [0.0, "2020-01-02 03:04:05", dt.datetime(2020, 1, 2, 3, 4, 5), None]),
    "HighlightedText": (
        gr.HighlightedText(),
        [
            [("a", "X"), ("b", None)],
            {"text": "ab", "entities": [{"entity": "X", "start": 0, "end": 1}]},
            [("a", 0.5)],
            None,
        ],
    ),
    "HTML": (gr.HTML(), ["<b>x</b>", None, 5]),
    "Markdown": (gr.Markdown(), ["  # T\n  x", None]),
    "Label": (gr.Label(), ["cat", {"cat": 0.9, "dog": 0.1}, 0.5, None]),
    "LabelTop1": (gr.Label(num_top_classes=1), [{"cat": 0.9, "dog": 0.1}]),
    "Chatbot": (
        gr.Chatbot(),
        [
            [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "yo", "metadata": {"title": "T"}},
            ],
            [gr.ChatMessage(role="assistant", content="m")],
            [],
            None,
            [{"role": "user", "content": {"path": "i.png"}}],
            [("u", "b")],
        ],
    ),
    "MultimodalTextbox": (gr.MultimodalTextbox(), ["hi", {"text": "t", "files": ["i.png"]}, None]),
    "Image": (gr.Image(), [PIXELS, PICTURE, "i.png", None]),
    "ImagePng": (gr.Image(format="png"), [PIXELS]),
    "ImageEditor": (gr.ImageEditor(), [PIXELS, {"background": PIXELS, "layers": [], "composite": PIXELS}, None]),
    "ImageSlider": (gr.ImageSlider(), [(PIXELS, PICTURE), None]),
    "Gallery": (gr.Gallery(), [[PIXELS, (PICTURE, "cap"), "i.png"], [], None]),
    "Audio": (
        gr.Audio(),
        [(8000, np.zeros(80, dtype=np.int16)), "s.wav", None, (8000, np.zeros(80, dtype=np.float32))],
    ),
    "Video": (gr.Video(), ["v.mp4", None]),
    "File": (gr.File(), ["a.txt", None, ["a.txt"]]),
    "FileMulti": (gr.File(file_count="multiple"), [["a.txt"], "a.txt", []]),
    "UploadButton": (gr.UploadButton(), ["a.txt", None]),
    "DownloadButton": (gr.DownloadButton(), ["a.txt", None]),
    "Model3D": (gr.Model3D(), ["m.obj", None]),
    "AnnotatedImage": (gr.AnnotatedImage(), [(PIXELS, [((0, 0, 4, 4), "b"), (np.ones((4, 4)), "m")]), None]),
    "LinePlot": (gr.LinePlot(x="x", y="y"), [POINTS, None]),
    # Beyond the recordings
    "ImageGray": (gr.Image(format="png"), [PIXELS[:, :, 0], PIXELS / 255, CLEAR]),
    "ImageJpeg": (gr.Image(format="jpeg"), [PIXELS]),
    "AudioStereo": (
        gr.Audio(),
        [
            (8000, np.arange(160, dtype=np.int16).reshape(80, 2)),
            (8000, np.linspace(-1, 1, 80)),
            (8000, np.arange(80, dtype=np.uint8)),
            (8000, np.arange(80, dtype=np.int32) * 65538),
        ],
    ),
    "Plot": (
        gr.Plot(),
        [
            plotly.Figure(plotly.Bar(x=["a"], y=[1])),
            altair.Chart(POINTS).mark_point().encode(x="x", y="y"),
            bokeh_figure(width=100, height=100),
            None,
        ],
    ),
    "PlotPng": (gr.Plot(format="png"), [Figure()]),
    "BarPlot": (gr.BarPlot(x="x", y="y", color="x"), [POINTS]),
    "ScatterPlot": (gr.ScatterPlot(x="x", y="y"), [POINTS]),
    "AnnotatedImageBox": (
        gr.AnnotatedImage(color_map={"b": "#00ff80"}),
        [(np.zeros((12, 12, 3), dtype=np.uint8), [((1, 1, 11, 11), "b")])],
    ),
    "NoSuchFile": (gr.File(), ["none.txt", "/etc/passwd"]),
    "Wrong": (gr.Image(), [5, object()]),
    "WrongAudio": (gr.Audio(), [5]),
}


def described(value):
    """The type and content of a Python value, without where files lie."""
    if isinstance(value, np.ndarray):
        return f"ndarray {value.shape} {value.dtype} {int(value.sum())}"
    if isinstance(value, pd.DataFrame):
        return f"DataFrame {value.columns.tolist()} {value.astype(object).where(value.notna(), None).values.tolist()}"
    if isinstance(value, polars.DataFrame):
        return f"polars {value.to_dict(as_series=False)}"
    if isinstance(value, Image.Image):
        return f"Image {value.mode} {value.size}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {described(one)}" for key, one in sorted(value.items())) + "}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{', '.join(map(described, value))}]"
    if isinstance(value, str) and value.startswith("/"):
        place = Path(value)
        return f"path {place.name} {place.stat().st_size if place.exists() else None}"
    if isinstance(value, str):
        return repr(str(value))
    return repr(value)


def returned(value):
    def function():
        return value

    return function


def media(folder: Path):
    """The files that values name."""
    PICTURE.save(folder / "i.png")
    (folder / "a.txt").write_text("hello file\n")
    (folder / "m.obj").write_text("v 0 0 0\n")
    (folder / "v.mp4").write_bytes(b"not really a video")
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.arange(80, dtype=np.int16).tobytes())
    (folder / "s.wav").write_bytes(sound.getvalue())


def endpoints():
    for name, (component, _) in TAKES.items():
        yield described, f"in_{name}", [component], gr.Textbox()
    for name, (component, values) in SHOWS.items():
        for number, value in enumerate(values):
            yield returned(value), f"out_{name}_{number}", [], component


if REAL and __name__ == "__main__":
    with gr.Blocks() as demo:
        for fn, name, inputs, output in endpoints():
            for component in (*inputs, output):
                if component._id not in demo.blocks:
                    component.render()
            gr.Button().click(fn, inputs, output, api_name=name)
    demo.launch(server_port=int(sys.argv[1]), show_error=True)
elif not REAL:
    space = gr.Space()
    for fn, name, inputs, output in endpoints():
        space.api(fn, name=name, inputs=inputs, outputs=output)
