"""Model3D: a file with a three-dimensional model (.obj, .glb, .gltf, .stl, .splat, .ply)."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.downloadbutton import DownloadButton
from spaceport.wire.filedata import example_file


class Model3D(DownloadButton):
    """Functions get and return the path of the file; the page draws the model."""

    def __init__(self, value: Any = None, **props: Any) -> None:
        super().__init__(props.pop("label", None), value, **props)

    @property
    def example(self) -> Any:
        return example_file("fox.gltf")

    @property
    def info_name(self) -> str:
        return "Model3d"
