"""AnnotatedImage: an image with labelled regions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.components.image import opened, saved
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import local, one_file
from spaceport.wire.filedata import example_file, with_files

_EDGE = 3
"""Width of the border of a box, in pixels."""
_RED = "#ff0000"


class AnnotatedImage(Component):
    """A function returns (image, [(region, label)]); a region is (x1, y1, x2, y2) or a mask of 0 to 1.

    `color_map`: label → "#rrggbb"; what is not in it is red. On the wire a region is a PNG whose alpha is the mask.
    Needs Pillow and numpy: the extra `media`.
    """

    files: ClassVar[bool] = True

    def __init__(
        self,
        value: Any = None,
        *,
        format: str = "webp",  # noqa: A002  Gradio's name
        color_map: dict[str, str] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        self.format, self.color_map = format, color_map or {}

    @property
    def example(self) -> Any:
        return {"image": example_file("bus.png"), "annotations": []}

    def schema(self) -> dict[str, Any]:
        label = {"image": {"$ref": "#/$defs/FileData"}, "label": {"title": "Label", "type": "string"}}
        annotation = {"properties": label, "required": ["image", "label"], "title": "Annotation", "type": "object"}
        annotations = {"items": {"$ref": "#/$defs/Annotation"}, "title": "Annotations", "type": "array"}
        properties = {"image": {"$ref": "#/$defs/FileData"}, "annotations": annotations}
        required = ["image", "annotations"]
        schema = {"properties": properties, "required": required, "title": "AnnotatedImageData", "type": "object"}
        return with_files(schema, Annotation=annotation)

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("annotations"), list):
            raise ValueRejected("An AnnotatedImage takes an object with `image` and `annotations`.", "dict_type")
        what = "An AnnotatedImage"
        regions = [(one_file(one.get("image"), what), str(one.get("label"))) for one in value["annotations"]]
        return one_file(value.get("image"), what), regions

    def load(self, value: Any) -> Any:
        if value is None:
            return None
        image, regions = value
        return str(local(image).path), [(str(local(file).path), label) for file, label in regions]

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise ValueRejected("An AnnotatedImage shows (image, [(region, label)]).")
        image, regions = value
        width, height = _size(image)
        shown = []
        for region, label in regions:
            mask = _mask(region, width, height, self.color_map.get(str(label), _RED))
            shown.append({"image": saved(mask, "png"), "label": str(label)})
        return {"image": saved(image, self.format), "annotations": shown}


def _size(image: Any) -> tuple[int, int]:
    if hasattr(image, "__array__") and not hasattr(image, "convert"):
        return image.shape[1], image.shape[0]
    if hasattr(image, "size") and not isinstance(image, str):
        return image.size[0], image.size[1]
    with opened(image, Path(image).name) as found:
        return found.width, found.height


def _mask(region: Any, width: int, height: int, colour: str) -> Any:
    """A region as an RGBA array: its colour, and the mask as alpha (of a box one half, 1 at its edge)."""
    import numpy as np

    if isinstance(region, (tuple, list)):
        alpha = np.zeros((height, width))
        x1, y1, x2, y2 = (max(0, int(part)) for part in region)
        alpha[y1:y2, x1:x2] = 1
        alpha[y1 + _EDGE : max(y2 - _EDGE, 0), x1 + _EDGE : max(x2 - _EDGE, 0)] = 0.5
    else:
        alpha = np.clip(np.asarray(region, dtype=float), 0, 1)
    channels = [np.where(alpha > 0, part, 0) for part in _rgb(colour)]
    return np.dstack([*channels, alpha * 255]).astype(np.uint8)


def _rgb(colour: str) -> list[int]:
    """Red, green and blue of `#f00` or `#ff0000`."""
    digits = colour.removeprefix("#")
    wide = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return [int(wide[place : place + 2], 16) for place in (0, 2, 4)]
