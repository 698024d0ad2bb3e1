"""BarPlot: a table as bars."""

from __future__ import annotations

from typing import ClassVar

from spaceport.space.components.lineplot import LinePlot


class BarPlot(LinePlot):
    """As `LinePlot`, drawn as bars."""

    mark: ClassVar[str] = "bar"
