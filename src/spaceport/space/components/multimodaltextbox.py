"""MultimodalTextbox: a text with files."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import local, one_file
from spaceport.space.output_files import file_or_url
from spaceport.wire.filedata import example_file, with_files


class MultimodalTextbox(Component):
    """A function gets `{"text": …, "files": [paths]}`, and returns such a dict or a text."""

    files: ClassVar[bool] = True

    def __init__(self, value: Any = None, **props: Any) -> None:
        super().__init__({"text": "", "files": []} if value is None else value, **props)

    @property
    def example(self) -> Any:
        file = example_file("bus.png")
        return {"text": "Describe this image", "files": [file]}

    def schema(self) -> dict[str, Any]:
        files = {"items": {"$ref": "#/$defs/FileData"}, "title": "Files", "type": "array"}
        properties = {"text": {"title": "Text", "type": "string"}, "files": files}
        return with_files({"properties": properties, "required": ["text"], "title": "MultimodalData", "type": "object"})

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("text", ""), str):
            raise ValueRejected("A MultimodalTextbox takes an object with `text` and `files`.", "dict_type")
        files = value.get("files") or []
        if not isinstance(files, list):
            raise ValueRejected("The `files` of a MultimodalTextbox are a list.", "list_type")
        return {"text": value.get("text", ""), "files": [one_file(one, "A MultimodalTextbox") for one in files]}

    def load(self, value: Any) -> Any:
        return None if value is None else {**value, "files": [str(local(one).path) for one in value["files"]]}

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return {"text": "", "files": []}
        if isinstance(value, str):
            return {"text": value, "files": []}
        if not isinstance(value, dict):
            raise ValueRejected(
                f"A MultimodalTextbox shows a text or a dict of text and files, not {type(value).__name__}."
            )
        return {"text": str(value.get("text") or ""), "files": [_described(one) for one in value.get("files") or ()]}


def _described(path: Any) -> dict[str, Any]:
    from mimetypes import guess_type

    return file_or_url(path, mime_type=guess_type(str(path))[0])
