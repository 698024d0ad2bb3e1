"""ScatterPlot: a table as points."""

from __future__ import annotations

from typing import ClassVar

from spaceport.space.components.lineplot import LinePlot


class ScatterPlot(LinePlot):
    """As `LinePlot`, drawn as points."""

    mark: ClassVar[str] = "point"
