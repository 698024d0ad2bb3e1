"""UploadButton: a button that uploads files, as `File` does."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.file import File


class UploadButton(File):
    """`label` is on the button; the other arguments are `File`'s."""

    def __init__(self, label: str | None = "Upload a File", value: Any = None, **props: Any) -> None:
        super().__init__(value, label=label, **props)
