"""ImageEditor: an image, what was drawn on it, and both together."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.image import Image, loaded, saved
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import local, one_file
from spaceport.wire.filedata import example_file, with_files


class ImageEditor(Image):
    """A function gets `{"background", "layers", "composite"}` of RGBA images; it returns such a dict or one image."""

    files: ClassVar[bool] = True

    def __init__(self, value: Any = None, *, image_mode: str | None = "RGBA", **props: Any) -> None:
        super().__init__(value, image_mode=image_mode, **props)

    @property
    def example(self) -> Any:
        return {"background": example_file("bus.png"), "layers": [], "composite": None}

    def schema(self) -> dict[str, Any]:
        file_or_null = {"anyOf": [{"$ref": "#/$defs/FileData"}, {"type": "null"}], "default": None}
        properties = {
            "background": {**file_or_null, "title": "Background"},
            "layers": {"items": {"$ref": "#/$defs/FileData"}, "default": [], "title": "Layers", "type": "array"},
            "composite": {**file_or_null, "title": "Composite"},
            "id": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Id"},
        }
        return with_files({"properties": properties, "title": "EditorData", "type": "object"})

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("layers") or [], list):
            raise ValueRejected(
                "An ImageEditor takes an object with `background`, `layers` and `composite`.", "dict_type"
            )
        what = "An ImageEditor"
        return {
            "background": one_file(value.get("background"), what),
            "layers": [one_file(one, what) for one in value.get("layers") or ()],
            "composite": one_file(value.get("composite"), what),
        }

    def load(self, value: Any) -> Any:
        if value is None:
            return None

        def read(one: Any) -> Any:
            return None if one is None else loaded(local(one), self.type, self.image_mode)

        layers = [read(one) for one in value["layers"]]
        return {"background": read(value["background"]), "layers": layers, "composite": read(value["composite"])}

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        given = value if isinstance(value, dict) else {"background": value, "composite": value}
        return {
            "background": saved(given.get("background"), self.format),
            "layers": [saved(one, self.format) for one in given.get("layers") or ()],
            "composite": saved(given.get("composite"), self.format),
            "id": None,
        }
