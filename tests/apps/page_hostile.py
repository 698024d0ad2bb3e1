"""Names, titles, texts and values that a page must bear, for tests/web/test_faults_hostile.py."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import spaceport as sp

WORD = "W" * 20_000
HTML = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
HEBREW = "שלום, world!"

space = sp.Space(title=f"{HTML} \u202egnp.exe {WORD}", description=f"A word: {WORD}")


@space.api(inputs=[sp.Textbox(label=f"{HEBREW} {WORD}", info=WORD), sp.Radio([WORD, "short"], label=HEBREW)])
def texts(text: str, choice: str) -> str:
    """Long words everywhere."""
    sp.Info(WORD, title=WORD)
    if text == "fail":
        raise sp.Error(f"{HTML} {WORD}", title=HEBREW)
    return f"{HTML} {WORD}"


@space.api(
    outputs=[sp.Label(label=WORD), sp.Dataframe(label="Rows"), sp.JSON(label="Data"), sp.Markdown(label="Rendered")]
)
def results() -> Any:
    """Long words in results."""
    rows = {"headers": ["a", WORD], "data": [["internationalization", WORD], [HTML, HEBREW]]}
    markdown = (
        f"{WORD}\n\n| one | two | three | four |\n|---|---|---|---|\n| internationalization | of | the | {WORD} |\n"
    )
    return {WORD: 0.9, HTML: 0.1}, rows, {WORD: WORD, "deep": deep(400)}, markdown


def deep(levels: int) -> Any:
    found: Any = []
    for _ in range(levels):
        found = [found]
    return found


@space.api(description="word " * 20_000)
def described(text: str) -> str:
    return text


@space.api(name="constructor")
def constructor(text: str) -> str:
    """Has a name that every object of JavaScript inherits."""
    return text


@space.api
def toString(数据: str, 文本: str) -> str:  # noqa: PLC2401
    """Names of parameters that have no Latin letter."""
    return f"{数据} {文本}"


@space.api(inputs=[sp.Number(7, label="Number"), sp.Slider(0, 10, value=2, label="Slider"), sp.DateTime(label="Time")])
def numbers(number: float | None = 7, slider: float = 2, when: str | None = None) -> str:
    """Numbers and a date that need not be given."""
    return f"{number} {slider} {when}"


@space.api(
    inputs=[
        sp.Dataframe(headers=["name"], label="Table"),
        sp.MultimodalTextbox(label="Text and files"),
        sp.Gallery(type="filepath", label="Gallery"),
        sp.CheckboxGroup(["a", "b"], label="Group"),
        sp.Dropdown(["a", "b"], multiselect=True, label="Several"),
        sp.File(label="File"),
        sp.Textbox(label="Text"),
    ]
)
def values(table: Any, message: Any, pictures: Any, group: Any, several: Any, file: Any, text: str) -> str:
    """What an address may fill in."""
    return text


@space.api(outputs=[sp.Dataframe(label="Rows")])
def stream(count: int) -> Iterator[Any]:
    """A long table again and again."""
    for step in range(20):
        yield {"headers": ["a", "b"], "data": [[step, f"text {n}"] for n in range(count)]}
        time.sleep(0.05)


@space.api(outputs=[sp.Dataframe(label="Rows")])
def formulas() -> Any:
    """Cells that a spreadsheet would take for formulas, and some that it would not."""
    cells = [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "a\t=1+1",
        "a\n=1+1",
        "-5",
        "+49 30 1",
        "plain",
        HTML,
        HEBREW,
    ]
    return {"headers": ["=cmd|' /C calc'!A0", "number"], "data": [[cell, -5] for cell in cells]}


@space.api(outputs=[sp.Dataframe(label="Rows")])
def cells(count: int) -> Any:
    """A long table of what a cell should not be."""
    hostile = [
        ["=1+1"],
        {"toString": 1},
        "\uff1d1+1",
        "\u200b=1+1",
        "\u202egnp.exe",
        "a\0b",
        "\ud800",
        HTML,
        "=cmd|' /C calc'!A0",
        "\ufeff=1+1",
        None,
        True,
        "x" * 1_000_000,
    ]
    rows = [[hostile[n % (len(hostile) - 1)], n] for n in range(count)]
    return {"headers": ["\uff20cell", "number"], "data": [[hostile[-1], -1], *rows]}


@space.api(outputs=[sp.JSON(label="Data")])
def nested(levels: int) -> Any:
    """Lists in lists."""
    return deep(levels)


@space.api(outputs=[sp.Markdown(label="Rendered")])
def markdown(text: str, times: int = 1) -> str:
    """Markdown back, repeated."""
    return text * times


@space.api(outputs=[sp.LinePlot(x="x", y="y", label="Line"), sp.Code(language="python", label="Code")])
def lazy() -> Any:
    """What is drawn by files that the page loads later."""
    import pandas as pd

    return pd.DataFrame({"x": [1, 2], "y": [1, 4]}), "print(1)"


if __name__ == "__main__":
    space.launch()
