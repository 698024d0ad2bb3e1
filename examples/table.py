"""Profiles a CSV file: what each column holds, and a histogram of each column with numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import spaceport as sp

space = sp.Space(title="Table", description="Profiles the columns of a CSV file.")

_BYTES = 50 << 20
_ROWS = 1_000_000
_LINE = 64 << 10
_COLUMNS = 500


def read(file: Path) -> pd.DataFrame:
    if file.stat().st_size > _BYTES:
        raise sp.Error(f"The file has more than {_BYTES >> 20} MB.")
    with file.open("rb") as start:
        if b"\n" not in start.read(_LINE) and file.stat().st_size > _LINE:
            raise sp.Error(f"The first line has more than {_LINE >> 10} KB.")
    try:
        frame = pd.read_csv(file, sep=None, engine="python", nrows=_ROWS, compression=None)
    except (ValueError, UnicodeDecodeError) as error:
        raise sp.Error(f"This is not a valid CSV file: {str(error)[:200]}") from None
    if len(frame.columns) > _COLUMNS:
        raise sp.Error(f"The table has more than {_COLUMNS} columns.")
    return frame


@space.api
def profile(file: Path) -> tuple[pd.DataFrame, Figure]:
    """Describe each column: type, missing and distinct values, smallest, largest, mean; with histograms of numbers."""
    frame = read(file)
    numbers = frame.select_dtypes("number")
    table = pd.DataFrame(
        {
            "column": frame.columns,
            "type": [str(kind) for kind in frame.dtypes],
            "missing": frame.isna().sum().to_numpy(),
            "distinct": frame.nunique().to_numpy(),
            "smallest": [frame[name].dropna().min() if name in numbers else None for name in frame],
            "largest": [frame[name].dropna().max() if name in numbers else None for name in frame],
            "mean": [round(float(frame[name].mean()), 4) if name in numbers else None for name in frame],
        }
    )
    figure = Figure(figsize=(6, 2 * max(1, len(numbers.columns[:8]))))
    plots = figure.subplots(max(1, len(numbers.columns[:8])), squeeze=False)[:, 0]
    for plot, name in zip(plots, numbers.columns[:8], strict=False):
        plot.hist(numbers[name].dropna(), bins=30)
        plot.set_title(str(name))
    figure.tight_layout()
    return table, figure


def top(table: pd.DataFrame, column: str, count: int) -> pd.DataFrame:
    """Find the rows with the largest values in a column."""
    if column not in table.columns:
        raise sp.Error(f"There is no column {column!r}. Columns: {', '.join(map(str, table.columns))}.")
    return table.assign(**{column: pd.to_numeric(table[column], errors="coerce")}).nlargest(count, column)


space.api(
    top,
    inputs=[sp.Dataframe(label="Table"), sp.Textbox(label="Column"), sp.Slider(1, 100, 5, step=1, label="Count")],
    outputs=[sp.Dataframe(label="Top")],
)

if __name__ == "__main__":
    space.launch()
