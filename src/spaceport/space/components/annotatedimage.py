"""AnnotatedImage: an image with labelled regions."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.base import Component, Refused
from spaceport.space.components.image import saved
from spaceport.space.files import local, one_file
from spaceport.wire.filedata import with_files


class AnnotatedImage(Component):
    """A function returns (image, [(region, label)]); a region is (x1, y1, x2, y2) or a mask of 0 to 1.

    Needs Pillow and numpy: the extra `media`.
    """

    files: ClassVar[bool] = True

    def __init__(self, value: Any = None, *, format: str = "webp", **props: Any) -> None:  # noqa: A002  Gradio's name
        super().__init__(value, **props)
        self.format = format

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
            raise Refused("An AnnotatedImage takes an object with `image` and `annotations`.", "dict_type")
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
            raise Refused("An AnnotatedImage shows (image, [(region, label)]).")
        image, regions = value
        width, height = _size(image)
        masks = [(_mask(region, width, height, number), str(label)) for number, (region, label) in enumerate(regions)]
        shown = [{"image": saved(mask, "png"), "label": label} for mask, label in masks]
        return {"image": saved(image, self.format), "annotations": shown}


def _size(image: Any) -> tuple[int, int]:
    if hasattr(image, "__array__") and not hasattr(image, "convert"):
        return image.shape[1], image.shape[0]
    if hasattr(image, "size") and not isinstance(image, str):
        return image.size[0], image.size[1]
    import PIL.Image

    with PIL.Image.open(image) as opened:
        return opened.width, opened.height


def _mask(region: Any, width: int, height: int, number: int) -> Any:
    """A region in its colour, see-through elsewhere."""
    import colorsys

    import numpy as np

    alpha = np.zeros((height, width))
    if isinstance(region, (tuple, list)):
        x1, y1, x2, y2 = (int(part) for part in region)
        alpha[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = 0.7
    else:
        alpha = np.asarray(region, dtype=float) * 0.7
    red, green, blue = colorsys.hsv_to_rgb(number * 0.381966 % 1, 0.8, 0.9)
    return np.dstack([np.full_like(alpha, part) for part in (red, green, blue)] + [alpha])
