"""Image: as an array, as PIL's image, or as a path."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import LocalFile, local, one_file
from spaceport.space.output_files import file_or_url, output_bytes
from spaceport.wire.filedata import example_file, image_schema

_MAX_PIXELS = 100_000_000
"""More are refused: a small file would fill the memory (a decompression bomb)."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "ICO", "PPM", "TGA", "HEIF")
"""What Pillow may read: it knows forty formats, of which one starts Ghostscript. HEIF is a plugin's."""


class Image(Component):
    """`type`: "numpy" (height, width, channels, uint8), "pil" or "filepath" (as it was sent, SVG too).

    `image_mode`: PIL's name of the mode it is converted to, None: as it is. `format`: of the file for a returned
    array or PIL image. Needs Pillow (and numpy for arrays): the extra `media`.
    """

    files: ClassVar[bool] = True

    def __init__(
        self,
        value: Any = None,
        *,
        format: str = "webp",  # noqa: A002  Gradio's name
        image_mode: str | None = "RGB",
        type: str = "numpy",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        if type not in ("numpy", "pil", "filepath"):
            raise ValueError("type is 'numpy', 'pil' or 'filepath'.")
        self.format, self.image_mode, self.type = format, image_mode, type

    @property
    def example(self) -> Any:
        return example_file("bus.png")

    def schema(self) -> dict[str, Any]:
        return image_schema()

    def from_wire(self, value: Any) -> Any:
        return one_file(value, "An Image")

    def load(self, value: Any) -> Any:
        return None if value is None else loaded(local(value), self.type, self.image_mode)

    def to_wire(self, value: Any) -> Any:
        return saved(value, self.format)


def loaded(file: LocalFile, kind: str, mode: str | None) -> Any:
    """The image as the function takes it. Raises `ValueRejected` for a file that is not an image, or too large."""
    if kind == "filepath":
        return str(file.path)
    import PIL.ImageOps

    with opened(file.path, file.name) as image:
        found = PIL.ImageOps.exif_transpose(image)
        found = found.convert(mode) if mode is not None else found.copy()
    if kind == "pil":
        return found
    import numpy as np

    return np.asarray(found)


@contextlib.contextmanager
def opened(path: Any, name: str) -> Iterator[Any]:
    """An image file as a PIL image, which is read in the `with`.

    Raises `ValueRejected` for other files, for formats that only Pillow has, and for more pixels than `_MAX_PIXELS`.
    """
    import PIL.Image

    PIL.Image.init()
    formats = [one for one in _FORMATS if one in PIL.Image.OPEN]
    try:
        with PIL.Image.open(path, formats=formats) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise ValueRejected(f"{name!r} has more than {_MAX_PIXELS} pixels.", "image")
            yield image
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise ValueRejected(f"{name!r} has more than {_MAX_PIXELS} pixels.", "image") from None
    except (PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise ValueRejected(f"{name!r} is not an image that can be read.", "image") from None


def saved(value: Any, format_: str) -> Any:
    """A returned image as a file: a path or URL as it is, an array or PIL image in `format_`."""
    if value is None:
        return None
    if isinstance(value, str) or hasattr(value, "__fspath__"):
        return file_or_url(value)
    import PIL.Image

    if not isinstance(value, PIL.Image.Image):
        if not hasattr(value, "__array__"):
            raise ValueRejected(f"An Image shows an array, a PIL image or a path, not {type(value).__name__}.")
        value = PIL.Image.fromarray(_bytes(value))
    target = io.BytesIO()
    if format_.lower() in ("jpeg", "jpg") and value.mode not in ("RGB", "L"):
        value = value.convert("RGB")
    value.save(target, format={"jpg": "jpeg"}.get(format_.lower(), format_), lossless=True)
    return output_bytes(target.getvalue(), f"image.{format_.lower()}")


def _bytes(value: Any) -> Any:
    """An array as unsigned bytes; floats range from 0 to 1."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind == "f":
        array = np.clip(array, 0, 1) * 255
    elif array.dtype.kind == "b":
        array = array.astype(np.uint8) * 255
    array = array.astype(np.uint8)
    return array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
