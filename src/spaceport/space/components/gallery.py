"""Gallery: images and videos with captions."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.components.image import loaded, saved
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import local, one_file
from spaceport.wire.filedata import example_file, with_files

_CAPTION: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Caption"}


class Gallery(Component):
    """A function gets (image, caption) pairs, the image by `type` ("filepath", "numpy", "pil"), and a video's path.

    It returns a list of arrays, PIL images, paths or URLs, or of pairs of one and a caption.
    """

    files: ClassVar[bool] = True

    def __init__(
        self,
        value: Any = None,
        *,
        type: str = "filepath",  # noqa: A002  Gradio's name
        format: str = "webp",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        super().__init__([] if value is None else value, **props)
        if type not in ("numpy", "pil", "filepath"):
            raise ValueError("type is 'numpy', 'pil' or 'filepath'.")
        self.type, self.format = type, format

    @property
    def example(self) -> Any:
        file = example_file("bus.png")
        return [{"image": file}]

    def schema(self) -> dict[str, Any]:
        def item(name: str, kind: str) -> dict[str, Any]:
            properties = {name: {"$ref": f"#/$defs/{kind}"}, "caption": _CAPTION}
            title = f"Gallery{name.title()}"
            return {"properties": properties, "required": [name], "title": title, "type": "object"}

        either = {"anyOf": [{"$ref": "#/$defs/GalleryImage"}, {"$ref": "#/$defs/GalleryVideo"}]}
        items = {"GalleryImage": item("image", "ImageData"), "GalleryVideo": item("video", "FileData")}
        return with_files({"items": either, "title": "GalleryData", "type": "array"}, **items)

    def from_wire(self, value: Any) -> Any:
        if value is None or value == []:
            return None
        if not isinstance(value, list):
            raise ValueRejected(
                "A Gallery takes a list of objects with `image` or `video`, and `caption`.", "list_type"
            )
        return [_item(one) for one in value]

    def load(self, value: Any) -> Any:
        if value is None:
            return None
        return [
            (str(local(file).path) if kind == "video" else loaded(local(file), self.type, "RGB"), caption)
            for kind, file, caption in value
        ]

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            raise ValueRejected(f"A Gallery shows a list, not {type(value).__name__}.")
        return [self._shown(one) for one in value]

    def _shown(self, value: Any) -> dict[str, Any]:
        file, caption = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value, None)
        path = str(file) if isinstance(file, str) or hasattr(file, "__fspath__") else ""
        mime_type = guess_type(path)[0]
        shown = saved(file, self.format)
        if shown is not None:
            shown["mime_type"] = mime_type or (f"image/{self.format}" if not path else None)
        name = "video" if (mime_type or "").startswith("video/") else "image"
        return {name: shown, "caption": None if caption is None else str(caption)}


def _item(value: Any) -> tuple[str, Any, str | None]:
    """(kind, file, caption)"""
    kind = next((name for name in ("image", "video") if isinstance(value, dict) and value.get(name) is not None), None)
    if kind is None:
        raise ValueRejected("An item of a Gallery is an object with `image` or `video`, and `caption`.", "dict_type")
    return kind, one_file(value[kind], "A Gallery"), value.get("caption")
