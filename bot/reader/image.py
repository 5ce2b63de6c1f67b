"""Pictures: made small, turned upright, and written anew, so that nothing but what can be seen is left of them."""

import base64
from io import BytesIO

from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin
from PIL import WebPImagePlugin as _WebP

from bot.reader.found import Found, Order, Refused

MOST_PIXELS = 64_000_000
"""Of a picture before it is made small: 256 MB of memory."""
EDGE = 1568
"""Pixels of the longer side that models look at: https://docs.claude.com/en/docs/build-with-claude/vision"""
MOST_BYTES = 1_100_000
"""Of the picture written anew; 1.5 MB in base64."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
PLUGINS = (GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, _WebP)
"""Imported now, because the library would look for them once no file can be opened any more."""


def read(content: bytes, order: Order) -> Found:
    """Return the picture as PNG or JPEG. Raises `Refused` where it would be too large in memory."""
    Image.MAX_IMAGE_PIXELS = None  # the bound is ours, and a refusal
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise Refused("pixels", width=width, height=height)
        sharp = opened.format in ("PNG", "GIF")
        opened.draft("RGB", (EDGE, EDGE))
        small = _small(opened)
    media, written = _written(small, sharp)
    return Found(image=base64.b64encode(written).decode(), media=media, width=small.width, height=small.height)


def _small(picture: Image.Image) -> Image.Image:
    """Return a copy of what can be seen: upright, on white, and without anything that came along with it."""
    see_through = "A" in picture.getbands() or "transparency" in picture.info
    turned = ImageOps.exif_transpose(picture).convert("RGBA" if see_through else "RGB")
    turned.thumbnail((EDGE, EDGE))
    clean = Image.new("RGB", turned.size, "white")
    clean.paste(turned, mask=turned.getchannel("A") if see_through else None)
    return clean


def _written(picture: Image.Image, sharp: bool) -> tuple[str, bytes]:
    """Return its type and bytes: screenshots stay sharp where there is room for it."""
    if sharp and len(written := _as(picture, "PNG")) <= MOST_BYTES:
        return "image/png", written
    for quality in (85, 60, 30):
        if len(written := _as(picture, "JPEG", quality=quality)) <= MOST_BYTES:
            return "image/jpeg", written
    raise Refused("broken")


def _as(picture: Image.Image, kind: str, **how: int) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()
