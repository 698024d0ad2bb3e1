"""ImageSlider: two images to compare."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.image import Image, loaded, saved
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import local, one_file
from spaceport.wire.filedata import example_file, with_files


class ImageSlider(Image):
    """A pair of images in, a pair out, each as `Image` has it."""

    files: ClassVar[bool] = True

    @property
    def example(self) -> Any:
        return [example_file("bus.png"), example_file("bus.png")]

    def schema(self) -> dict[str, Any]:
        one = {"anyOf": [{"$ref": "#/$defs/ImageData"}, {"type": "null"}]}
        pair = {"type": "array", "prefixItems": [one, one], "minItems": 2, "maxItems": 2}
        return with_files({"anyOf": [pair, {"type": "null"}], "title": "SliderData"})

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            raise ValueRejected("An ImageSlider takes a list of two images.", "list_type")
        return tuple(one_file(one, "An ImageSlider") for one in value)

    def load(self, value: Any) -> Any:
        if value is None:
            return None
        return tuple(None if one is None else loaded(local(one), self.type, self.image_mode) for one in value)

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise ValueRejected("An ImageSlider shows a pair of images.")
        return [saved(one, self.format) for one in value]
