"""Photos of reports: an untrusted file in, a JPEG drawn anew out. Nothing of the file but its picture stays.

1. `photo_files` takes the file apart: what it is, how large, and only the parts that the picture needs.
2. Pillow draws these, small, upright and on white.
3. A new JPEG is written from the points alone.

Nobody looks at what a photo shows: no faces, no number plates, no places (guard-rail 15). Decision 0015.
What draws is never the process that answers: `photo_pool` asks `photo_worker`, which calls this.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401  (the readers in use)

from mahalleh_site.listen.telling.photo_files import LIMITS, Limits, Parts, PhotoError, taken_apart

__all__ = ["read", "redrawn", "Limits", "LIMITS", "PhotoError"]

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BAND: Final = 256  # rows


def redrawn(data: bytes | BinaryIO, *, limits: Limits = LIMITS) -> bytes:
    """A JPEG of at most `limits.side` pixels a side and `limits.out_bytes`, with no other data of the file.

    Orientation is applied, transparency lies on white, of an animation the first picture is taken; colours
    are taken as sRGB. `data`: the upload, read from where it stands, never past `limits.file_bytes` + 1.

    Raises:
        PhotoError: whatever the file is, if it is not a photo within the limits.
        OSError: as the upload's own `read` does, where the line breaks.
    """
    file = read(data, limits)
    try:
        return _written(_drawn(taken_apart(file, limits), limits), limits)
    except PhotoError:
        raise
    except Exception as fault:  # decoders fail in many ways, which all mean the same to the sender
        raise PhotoError("broken") from fault


def read(upload: bytes | BinaryIO, limits: Limits = LIMITS) -> bytes:
    """The whole file of an upload.

    Raises:
        PhotoError: where it is larger than a photo may be; no more than one byte beyond that is read.
        OSError: as the upload's own `read` does, where the line breaks.
    """
    pieces: list[bytes] = []
    left = limits.file_bytes + 1
    source = BytesIO(upload) if isinstance(upload, bytes) else upload
    while left > 0 and (piece := source.read(left)):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise PhotoError("too-large", limits.file_bytes // 1_000_000)
    return b"".join(pieces)


def _drawn(parts: Parts, limits: Limits) -> Image.Image:
    """The picture on a fresh canvas (RGB), which has never seen the file's other data."""
    if parts.size[0] * parts.size[1] > (Image.MAX_IMAGE_PIXELS or parts.most):
        raise PhotoError("too-many-pixels", parts.most // 1_000_000)  # where Pillow would only warn
    with Image.open(BytesIO(parts.data), formats=[parts.kind]) as picture:
        if picture.size != parts.size:  # two readings of one header: somebody plays with us
            raise PhotoError("broken")
        size = _within(picture.size, limits.side)
        picture.draft("RGB", size)  # a JPEG's blocks are decoded at 1/2, 1/4 or 1/8 where that suffices
        picture.load()
        # turned when small: the same points, a fraction of the memory
        small = _opaque(picture).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    upright = small.transpose(_TURNS[parts.turn]) if parts.turn in _TURNS else small
    canvas = Image.new("RGB", upright.size)
    canvas.paste(upright)
    return canvas


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
        grey = picture.point(lambda value: value * (1 / 257))
        grey.info.pop("transparency", None)
        return grey.convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB") if picture.mode not in {"L", "RGB"} else picture
    white = Image.new("RGB", picture.size, "white")
    for top in range(0, picture.height, _BAND):  # in bands: a second whole copy would cost 100 MB
        box = (0, top, picture.width, min(picture.height, top + _BAND))
        clear = picture.crop(box).convert("RGBA")
        white.paste(clear, box, mask=clear)
    return white


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _written(picture: Image.Image, limits: Limits) -> bytes:
    """The JPEG: plainer, and then smaller, until it fits."""
    quality = limits.quality
    while True:
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= limits.out_bytes or max(picture.size) == 1:
            return out.getvalue()
        if quality > limits.least_quality:
            quality = max(limits.least_quality, quality - 8)
        else:
            picture = picture.resize(_within(picture.size, max(1, max(picture.size) * 3 // 4)))
