"""DownloadButton: a button that downloads one file."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.file_values import local, one_file
from spaceport.space.output_files import file_or_url
from spaceport.wire.filedata import example_file, file_schema


class DownloadButton(Component):
    """`value` is the path of the file; a function that takes it gets the path."""

    files: ClassVar[bool] = True

    def __init__(self, label: str | None = "Download", value: Any = None, **props: Any) -> None:
        super().__init__(value, label=label, **props)

    @property
    def example(self) -> Any:
        return example_file("sample.pdf")

    def schema(self) -> dict[str, Any]:
        return file_schema()

    def from_wire(self, value: Any) -> Any:
        return one_file(value, "A DownloadButton")

    def load(self, value: Any) -> str | None:
        return None if value is None else str(local(value).path)

    def to_wire(self, value: Any) -> Any:
        return None if value is None else file_or_url(value)
