"""File: one file, several, or the files of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import FileValue, local, one_file
from spaceport.space.output_files import file_or_url, output_bytes
from spaceport.wire.filedata import example_file, file_schema, files_schema

_TYPES = ("filepath", "path", "binary", "file")
_KINDS = ("image", "video", "audio", "text", "file")


class File(Component):
    """`type`: "filepath" (text), "path" (a `Path`), "binary" (bytes) or "file" (open for reading).

    `file_count`: "single", "multiple" or "directory" (lists).

    `file_types`: suffixes like ".pdf", or "image", "video", "audio", "text"; files with other names are refused.
    """

    files: ClassVar[bool] = True

    def __init__(
        self,
        value: Any = None,
        *,
        file_count: str = "single",
        file_types: Sequence[str] | None = None,
        type: str = "filepath",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        if file_count not in ("single", "multiple", "directory"):
            raise ValueError("file_count is 'single', 'multiple' or 'directory'.")
        if type not in _TYPES:
            raise ValueError(f"type is one of {', '.join(_TYPES)}.")
        self.many = file_count != "single"
        self.file_types = None if file_types is None else [one.lower() for one in file_types]
        self.type = type

    @property
    def example(self) -> Any:
        one = example_file("sample.txt")
        return [one] if self.many else one

    def schema(self) -> dict[str, Any]:
        return files_schema() if self.many else file_schema()

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        what = f"A {type(self).__name__}"
        if self.many:
            if not isinstance(value, list):
                raise ValueRejected(f"{what} with several files takes a list of them.", "list_type")
            return [self._checked(one_file(one, what)) for one in value if one is not None]
        return self._checked(one_file(value, what))

    def _checked(self, file: FileValue | None) -> FileValue | None:
        if file is None or self.file_types is None:
            return file
        kind = (guess_type(file.name)[0] or "").partition("/")[0]
        suffixes = [one for one in self.file_types if one.startswith(".")]
        kinds = [one for one in self.file_types if one in _KINDS]
        if file.name.lower().endswith(tuple(suffixes)) or kind in kinds or "file" in kinds:
            return file
        raise ValueRejected(
            f"{file.name!r} has a type that is not accepted: send {', '.join(self.file_types)}.", "file_type"
        )

    def load(self, value: Any) -> Any:
        if value is None:
            return None
        return [self._loaded(one) for one in value] if self.many else self._loaded(value)

    def _loaded(self, value: Any) -> Any:
        path = local(value).path
        if self.type == "binary":
            return path.read_bytes()
        if self.type == "file":
            return path.open("rb")
        return path if self.type == "path" else str(path)

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, (list, tuple)):
            return [_sized(one) for one in value]
        return _sized(value)


def _sized(value: Any) -> dict[str, Any]:
    if isinstance(value, bytes):
        return output_bytes(value, "file.bin", size=len(value))
    if hasattr(value, "read"):
        return _sized(value.read())
    try:
        size = Path(value).stat().st_size
    except OSError:
        size = None
    except TypeError:
        raise ValueRejected(f"A File shows a path, not {type(value).__name__}.") from None
    return file_or_url(value, size=size)
