"""Video: a video file."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import local, one_file
from spaceport.space.output_files import file_or_url
from spaceport.wire.filedata import example_file, file_schema


class Video(Component):
    """Functions get and return the path of a video file; it is not converted."""

    files: ClassVar[bool] = True

    @property
    def example(self) -> Any:
        return example_file("sample.mp4")

    def schema(self) -> dict[str, Any]:
        return file_schema()

    def from_wire(self, value: Any) -> Any:
        return one_file(value, "A Video")

    def load(self, value: Any) -> str | None:
        return None if value is None else str(local(value).path)

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str) and not hasattr(value, "__fspath__"):
            raise ValueRejected(f"A Video shows a path, not {type(value).__name__}.")
        return file_or_url(value)
