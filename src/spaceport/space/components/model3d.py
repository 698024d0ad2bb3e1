"""Model3D: a file with a three-dimensional model (.obj, .glb, .gltf, .stl, .splat, .ply)."""

from __future__ import annotations

from spaceport.space.components.downloadbutton import DownloadButton


class Model3D(DownloadButton):
    """A path in, a path out; what it shows is up to the page."""

    @property
    def info_name(self) -> str:
        return "Model3d"
