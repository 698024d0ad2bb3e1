"""What each component takes, gives the function, and shows: as recorded of Gradio 6.31 (scenarios 32 and 33).

`DIFFERS` marks where ours means to differ: we refuse before there is a call what Gradio lets pass or breaks on.
"""

from __future__ import annotations

import base64
import datetime as dt

import numpy as np
import pandas as pd
import polars
import pytest
from matplotlib.figure import Figure

import spaceport as sp
from spaceport.space.errors import ValueRejected

REFUSED = object()
FRAME = pd.DataFrame({"x": [1, 2], "y": ["a", None]})
TABLE = {"headers": ["x", "y"], "data": [[1, "a"], [2, None]], "metadata": None}

TAKES = [
    (sp.ColorPicker(), "#ff0000", "#ff0000"),
    (sp.ColorPicker(), "rgb(1,2,3)", "rgb(1,2,3)"),
    (sp.ColorPicker(), None, None),
    (sp.ColorPicker(), "<script>", REFUSED),  # differs: Gradio takes any text
    (sp.ColorPicker(), ["#fff"], REFUSED),
    (sp.DateTime(), "2020-01-02 03:04:05", 1577934245.0),
    (sp.DateTime(), 0, REFUSED),
    (sp.DateTime(), None, None),
    (sp.DateTime(), "2020-01-02", REFUSED),
    (sp.DateTime(), "2020-13-40 00:00:00", REFUSED),
    (sp.DateTime(), "now - 999999999d", REFUSED),
    (sp.DateTime(type="string"), "2020-01-02 03:04:05", "2020-01-02 03:04:05"),
    (sp.DateTime(type="datetime"), "2020-01-02 03:04:05", dt.datetime(2020, 1, 2, 3, 4, 5)),
    (sp.DateTime(include_time=False, type="string"), "2020-01-02", "2020-01-02"),
    (sp.DateTime(timezone="Europe/Berlin"), "2020-01-02 04:04:05", 1577934245.0),
    (
        sp.HighlightedText(),
        [{"token": "a", "class_or_confidence": "X"}, {"token": "b"}],
        [{"token": "a", "class_or_confidence": "X"}, {"token": "b", "class_or_confidence": None}],
    ),
    (sp.HighlightedText(), [["a", "X"]], REFUSED),
    (sp.HighlightedText(), "a", REFUSED),
    (sp.HighlightedText(), [{"token": "a", "class_or_confidence": True}], REFUSED),
    (sp.HighlightedText(), None, None),
    (sp.Dataframe(type="array"), {"headers": ["x", "y"], "data": [[1, "a"]]}, [[1, "a"]]),
    (sp.Dataframe(), [[1, 2]], REFUSED),
    (sp.Dataframe(), {"data": [[1, 2]]}, REFUSED),
    (sp.Dataframe(), None, REFUSED),
    (sp.Dataframe(), {"headers": ["x"], "data": [[1, 2]]}, REFUSED),
    (sp.Dataframe(), {"headers": ["x"], "data": [1]}, REFUSED),
    (sp.Plot(), None, None),
    (sp.Plot(), {"type": "matplotlib", "plot": "data:x"}, {"type": "matplotlib", "plot": "data:x"}),
    (sp.Plot(), {"type": "excel", "plot": "x"}, REFUSED),
    (sp.LinePlot(), {"a": 1}, {"a": 1}),
    (sp.LinePlot(), None, None),
    (sp.MultimodalTextbox(), {"text": "t"}, {"text": "t", "files": []}),
    (sp.MultimodalTextbox(), "t", REFUSED),
    (sp.MultimodalTextbox(), None, None),
    (sp.Gallery(), None, None),
    (sp.Gallery(), [], None),
    (sp.Gallery(), [{"path": "x"}], REFUSED),
    (sp.ImageSlider(), None, None),
    (sp.ImageSlider(), [None], REFUSED),
    (sp.ImageEditor(), None, None),
    (sp.ImageEditor(), [], REFUSED),
    (
        sp.Chatbot(),
        [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        [{"role": "user", "metadata": None, "content": [{"type": "text", "text": "hi"}], "options": None}],
    ),
    (sp.Chatbot(), [{"role": "user", "content": "hi"}], REFUSED),
    (sp.Chatbot(), [{"role": "user", "content": {"file": {"path": "x"}}}], REFUSED),
    (sp.Chatbot(), [{"role": "user", "content": [{"type": "file", "file": {"path": "/etc/passwd"}}]}], REFUSED),
    (sp.Chatbot(), [["u", "b"]], REFUSED),
    (sp.Chatbot(), None, []),
    *[(kind(), None, None) for kind in (sp.File, sp.Image, sp.Audio, sp.Video, sp.Model3D, sp.UploadButton)],
    *[(kind(), "/etc/passwd", REFUSED) for kind in (sp.File, sp.Image, sp.Audio, sp.Video, sp.DownloadButton)],
    *[
        (kind(), {"path": "/etc/passwd"}, REFUSED)
        for kind in (sp.File, sp.Image, sp.Audio, sp.Video, sp.AnnotatedImage)
    ],
]
SHOWS = [
    (sp.ColorPicker(), "#fff", "#fff"),
    (sp.ColorPicker(), None, None),
    (sp.DateTime(), 0.0, "1970-01-01 00:00:00"),
    (sp.DateTime(), "2020-01-02 03:04:05", "2020-01-02 03:04:05"),
    (sp.DateTime(), dt.datetime(2020, 1, 2, 3, 4, 5), "2020-01-02 03:04:05"),
    (sp.DateTime(), dt.date(2020, 1, 2), "2020-01-02 00:00:00"),
    (sp.DateTime(), None, None),
    (sp.DateTime(), [], REFUSED),
    (
        sp.HighlightedText(),
        [("a", "X"), ("b", None)],
        [{"token": "a", "class_or_confidence": "X"}, {"token": "b", "class_or_confidence": None}],
    ),
    (
        sp.HighlightedText(),
        {"text": "ab", "entities": [{"entity": "X", "start": 0, "end": 1}]},
        [
            {"token": "", "class_or_confidence": None},
            {"token": "a", "class_or_confidence": "X"},
            {"token": "b", "class_or_confidence": None},
        ],
    ),
    (sp.HighlightedText(), [("a", 0.5)], [{"token": "a", "class_or_confidence": 0.5}]),
    (
        sp.HighlightedText(combine_adjacent=True),
        [("a", "X"), ("b", "X"), (" ", None), ("c", None)],
        [{"token": "ab", "class_or_confidence": "X"}, {"token": "c", "class_or_confidence": None}],
    ),
    (sp.HighlightedText(), None, None),
    (sp.HighlightedText(), 5, REFUSED),
    (sp.Dataframe(), FRAME, TABLE),
    (sp.Dataframe(), [[1, 2], [3, 4]], {"headers": ["1", "2"], "data": [[1, 2], [3, 4]], "metadata": None}),
    (sp.Dataframe(), {"headers": ["h"], "data": [[1]]}, {"headers": ["h"], "data": [[1]], "metadata": None}),
    (sp.Dataframe(), np.array([[1, 2]]), {"headers": ["1", "2"], "data": [[1, 2]], "metadata": None}),
    (sp.Dataframe(), None, {"headers": ["1", "2", "3"], "data": [], "metadata": None}),
    (sp.Dataframe(), [1, 2], {"headers": ["1"], "data": [[1], [2]], "metadata": None}),
    (sp.Dataframe(headers=["a"]), [[1, 2]], {"headers": ["a", "2"], "data": [[1, 2]], "metadata": None}),
    (
        sp.Dataframe(),
        pd.DataFrame({"t": [pd.Timestamp("2020-01-02"), pd.NaT], "f": [1.5, float("inf")]}),
        {"headers": ["t", "f"], "data": [["2020-01-02 00:00:00", 1.5], [None, None]], "metadata": None},
    ),
    (sp.Dataframe(), "text", REFUSED),
    (
        sp.LinePlot(x="x", y="y"),
        pd.DataFrame({"x": [1, 2], "y": [3, 4]}),
        {
            "columns": ["x", "y"],
            "data": [[1, 3], [2, 4]],
            "datatypes": {"x": "quantitative", "y": "quantitative"},
            "mark": "line",
        },
    ),
    (sp.BarPlot(x="nothing"), FRAME, REFUSED),
    (sp.ScatterPlot(), [1], REFUSED),
    (sp.LinePlot(), None, None),
    (sp.Plot(), None, None),
    (sp.Plot(), 5, REFUSED),
    (sp.MultimodalTextbox(), "hi", {"text": "hi", "files": []}),
    (sp.MultimodalTextbox(), None, {"text": "", "files": []}),
    (sp.MultimodalTextbox(), 5, REFUSED),
    (sp.Gallery(), [], []),
    (sp.Gallery(), None, []),
    (sp.Gallery(), 5, REFUSED),
    (sp.ImageEditor(), None, None),
    (sp.ImageSlider(), None, None),
    (sp.ImageSlider(), 5, REFUSED),
    (
        sp.Chatbot(),
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "yo", "metadata": {"title": "T"}},
        ],
        [
            {"role": "user", "metadata": None, "content": [{"text": "hi", "type": "text"}], "options": None},
            {
                "role": "assistant",
                "metadata": {"title": "T"},
                "content": [{"text": "yo", "type": "text"}],
                "options": None,
            },
        ],
    ),
    (sp.Chatbot(), [("u", "b")], REFUSED),
    (sp.Chatbot(), [], []),
    (sp.Chatbot(), None, []),
    *[(kind(), None, None) for kind in (sp.File, sp.Image, sp.Audio, sp.Video, sp.Model3D, sp.AnnotatedImage)],
    *[(kind(), 5, REFUSED) for kind in (sp.File, sp.Image, sp.Audio, sp.Video, sp.AnnotatedImage)],
]


def named(rows):
    return [f"{type(component).__name__} {str(value)[:40]}" for component, value, _ in rows]


@pytest.mark.parametrize(("component", "value", "expected"), TAKES, ids=named(TAKES))
def test_takes(component, value, expected):
    if expected is REFUSED:
        with pytest.raises(ValueRejected):
            component.from_wire(value)
    else:
        assert component.load(component.from_wire(value)) == expected


@pytest.mark.parametrize(("component", "value", "expected"), SHOWS, ids=named(SHOWS))
def test_shows(component, value, expected):
    if expected is REFUSED:
        with pytest.raises(ValueRejected):
            component.to_wire(value)
    else:
        assert component.to_wire(value) == expected


def test_now():
    now = dt.datetime.now(dt.timezone.utc).timestamp()
    assert abs(sp.DateTime().from_wire("now") - now) < 5
    assert abs(sp.DateTime().from_wire("now - 5m") - (now - 300)) < 5
    with pytest.raises(ValueError, match="no time zone"):
        sp.DateTime(timezone="Mars/Base")


def test_a_table_arrives_as_asked_for():
    value = {"headers": ["x", "y"], "data": [[1, "a"], [2, None]], "metadata": None}
    frame = sp.Dataframe().load(sp.Dataframe().from_wire(value))
    assert list(frame.columns) == ["x", "y"]
    assert frame["x"].tolist() == [1, 2]
    array = sp.Dataframe(type="numpy")
    found = array.load(array.from_wire({"headers": ["x", "y"], "data": [[1, 2]]}))
    assert (found.shape, found.dtype.kind) == ((1, 2), "i")


def test_polars():
    component = sp.Dataframe(type="polars")
    frame = component.load(component.from_wire(TABLE))
    assert isinstance(frame, polars.DataFrame)
    assert component.to_wire(frame) == TABLE


def test_a_styled_table():
    shown = sp.Dataframe().to_wire(FRAME.style.format(precision=1).map(lambda _: "color: red", subset=["x"]))
    assert shown["data"] == TABLE["data"]
    assert [row[0] for row in shown["metadata"]["display_value"]] == ["1", "2"]
    assert [row[0] for row in shown["metadata"]["styling"]] == ["color: red", "color: red"]


def test_a_figure_of_any_kind():
    figure = Figure()
    figure.subplots().plot([1, 2])
    shown = sp.Plot(format="png").to_wire(figure)
    assert shown["type"] == "matplotlib"
    assert base64.b64decode(shown["plot"].removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    for module in ("plotly.graph_objs", "altair.vegalite"):
        figure = type("Figure", (), {"to_json": lambda self: "{}", "__module__": module})()
        assert sp.Plot().to_wire(figure)["plot"] == "{}"


def test_what_cannot_be_here_says_why():
    with pytest.raises(ValueError, match="opens the server's folders"):
        sp.FileExplorer()
    for kind, options in ((sp.Image, {"type": "x"}), (sp.File, {"file_count": "x"}), (sp.Dataframe, {"type": "x"})):
        with pytest.raises(ValueError, match=" is "):
            kind(**options)


def test_files_and_components_in_a_chat(tmp_path):
    path = tmp_path / "i.png"
    path.write_bytes(b"picture")
    shown = sp.Chatbot().to_wire(
        [
            {"role": "user", "content": {"path": str(path)}},
            {"role": "user", "content": [(str(path), "a picture"), "look"]},
            {"role": "assistant", "content": sp.Textbox("inside")},
        ]
    )
    (file,) = shown[0]["content"]
    assert (file["type"], file["file"]["mime_type"], file["alt_text"]) == ("file", "image/png", None)
    assert [part["type"] for part in shown[1]["content"]] == ["file", "text"]
    assert shown[1]["content"][0]["alt_text"] == "a picture"
    (component,) = shown[2]["content"]
    assert (component["component"], component["value"], component["type"]) == ("textbox", "inside", "component")
