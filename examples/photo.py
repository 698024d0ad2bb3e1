"""Filters images with Pillow, and shows the metadata of a photo."""

from __future__ import annotations

from typing import Any, Literal

from PIL import ExifTags, Image, ImageFilter, ImageOps

import spaceport as sp

space = sp.Space(title="Photo", description="Filters an image, and shows its metadata.")

Effect = Literal["sketch", "poster", "grey", "blur", "mirror"]


@space.api
def transform(image: Image.Image, effect: Effect = "sketch", strength: float = 1.0) -> Image.Image:
    """Apply an effect. `strength` counts for blur and poster."""
    if effect == "sketch":
        edges = image.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
        return ImageOps.invert(ImageOps.autocontrast(edges))
    if effect == "poster":
        return ImageOps.posterize(image, max(1, min(8, round(4 - strength))))
    if effect == "grey":
        return ImageOps.grayscale(image)
    if effect == "blur":
        return image.filter(ImageFilter.GaussianBlur(4 * strength))
    return ImageOps.mirror(image)


def thumbnail(path: str, size: int) -> Image.Image:
    """Scale an image down, to at most `size` pixels on its longer side."""
    with Image.open(path) as image:
        small = ImageOps.exif_transpose(image).convert("RGB")
    small.thumbnail((size, size))
    return small


space.api(
    thumbnail,
    inputs=[sp.Image(type="filepath", label="Image"), sp.Slider(16, 1024, 256, step=16, label="Size")],
    outputs=[sp.Image(format="jpeg", label="Thumbnail")],
)


def facts(path: str) -> dict[str, Any]:
    """Show the size, mode, main colours and EXIF data of an image."""
    with Image.open(path) as image:
        written = {ExifTags.TAGS.get(tag, str(tag)): str(value)[:200] for tag, value in image.getexif().items()}
        palette = image.convert("RGB").resize((64, 64)).quantize(5).convert("RGB").getcolors() or []
        colours = ["#{:02x}{:02x}{:02x}".format(*colour) for _, colour in sorted(palette, reverse=True)]
        return {"width": image.width, "height": image.height, "mode": image.mode, "colours": colours, "exif": written}


space.api(facts, inputs=[sp.Image(type="filepath", label="Image")], outputs=[sp.JSON(label="Facts")])

if __name__ == "__main__":
    space.launch()
