"""Uploaded photos taken apart: of a JPEG, PNG or WebP, only the parts that its picture is drawn from.

Kinds are told by a file's first bytes. Each format's own chain of pieces is walked, with a bound on every
step, so that no decoder meets texts, profiles, previews, second pictures or trailers, nor a size or a number
of passes that a photo doesn't have. No piece is decompressed here.
Source: ITU T.81 (JPEG), PNG third edition (W3C), RFC 9649 (WebP), CIPA DC-008 (Exif); decision 0015.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mahalleh_site.ui.formats import number

SENTENCES: Final = {
    "too-large": _(
        "This file is too large: a photo may have at most %(most)s megabytes. "
        "Send a screenshot of the photo, or choose a smaller size when you share it."
    ),
    "too-many-pixels": _(
        "This photo has too many dots: at most %(most)s million are possible. "
        "Send a screenshot of the photo, or choose a smaller size when you share it."
    ),
    "too-narrow": _(
        "This picture is too long and narrow: one side may be at most %(most)s times the other. "
        "Cut out the part that matters and send that."
    ),
    "not-a-photo": _("This file is not a photo that we can open. Send a photo as JPEG, PNG or WebP."),
    "broken": _(
        "This photo is damaged or did not arrive whole. Send it once more; "
        "if that does not help, send a screenshot of it."
    ),
    "heic": _(
        "We cannot open photos of the kind HEIC. Send a screenshot of the photo. For new photos on an "
        "iPhone: Settings, Camera, Formats, “Most Compatible”; it then makes JPEG photos."
    ),
    "busy": _(
        "We are drawing many photos at this moment. Nothing that you wrote is lost: "
        "send it without this photo, or choose the photo again in a minute."
    ),
    "enough": _("Many photos came from your connection. Send it without them, or wait an hour."),
}


class PhotoError(ValueError):
    """A file that is not taken. `code`: a key of `SENTENCES`; as text: what to do, in the page's language."""

    def __init__(self, code: str, most: float | None = None) -> None:
        super().__init__(code, most)
        self.code = code
        self.most = most

    def __str__(self) -> str:
        return str(SENTENCES[self.code]) % {"most": number(self.most, (get_language() or "en")[:2])}

    @property
    def passes(self) -> bool:
        """Whether the photo may well be taken later: we are busy, and it may be a good one."""
        return self.code == "busy"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask of us, and what comes out. Sides in pixels, sizes in bytes.

    A decoder holds a baseline JPEG line by line; PNG and progressive JPEG whole; WebP several times over.
    """

    file_bytes: int = 12_000_000
    pixels: int = 50_000_000
    pixels_whole: int = 25_000_000
    pixels_webp: int = 12_500_000
    scans: int = 20  # passes over a JPEG: programs write 10 to 18; a hostile file may ask for 100,000
    pieces: int = 10_000  # segments or chunks of a file
    aspect: int = 20
    side: int = 1600
    quality: int = 82
    least_quality: int = 50
    out_bytes: int = 600_000


LIMITS: Final = Limits()
HEAD_BYTES: Final = 100_000  # of tables and the like in a JPEG or PNG; real ones have a few thousand
HEIC: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a picture is drawn from, as a file of its own.

    `kind`: as Pillow names it; `size`: (width, height) as the header says; `most`: pixels allowed to such a
    file; `turn`: Exif's orientation, 1 to 8.
    """

    kind: str
    data: bytes
    size: tuple[int, int]
    most: int
    turn: int

    @property
    def price(self) -> int:
        """What drawing it costs, in thousandths of what the dearest photo does; a fifth of that at least."""
        return max(200, 1000 * self.size[0] * self.size[1] // self.most)


def taken_apart(file: bytes, limits: Limits = LIMITS) -> Parts:
    """The parts of a whole file.

    Raises:
        PhotoError: another kind of file; a broken one; sizes beyond the limits.
        struct.error: a header that ends too early.
    """
    if file.startswith(b"\xff\xd8\xff"):
        parts = _jpeg(file, limits)
    elif file.startswith(_PNG_SIGNATURE):
        parts = _png(file, limits)
    elif file.startswith(b"RIFF") and file[8:12] == b"WEBP":
        parts = _webp(file, limits)
    else:
        raise PhotoError("heic" if file[4:8] == b"ftyp" and file[8:12] in HEIC else "not-a-photo")
    short, long = sorted(parts.size)
    if short < 1:
        raise PhotoError("broken")
    if short * long > parts.most:
        raise PhotoError("too-many-pixels", parts.most // 1_000_000)
    if long > limits.aspect * short:
        raise PhotoError("too-narrow", limits.aspect)
    return parts


_MARKER: Final = re.compile(rb"\xff++([^\x00\xff])", re.DOTALL)
_SCAN_ENDS: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive; no camera writes the others
_PROGRESSIVE, _SCAN, _END, _COMMENT, _EXIF = 0xC2, 0xDA, 0xD9, 0xFE, 0xE1
_TABLES: Final = frozenset({0xC4, 0xDB, 0xDD})  # Huffman, quantisation, restarts
# marks that say which colours the numbers mean, and how many bytes of them do
_COLOURS: Final = {(0xE0, b"JFIF\x00"): 14, (0xEE, b"Adobe"): 12}


def _segments(file: bytes, limits: Limits) -> Iterator[tuple[int, bytes, bytes]]:
    """A JPEG's segments up to the end of its first picture: (marker, body, a scan's data)."""
    at = 2
    for _number in range(limits.pieces):
        marker = _MARKER.match(file, at)
        if not marker:
            break
        code, at = marker[1][0], marker.end()
        if code == _END:
            return
        (length,) = struct.unpack_from(">H", file, at)
        body, at = file[at + 2 : at + length], at + length
        end = _SCAN_ENDS.search(file, at) if code == _SCAN else None
        scan = file[at : end.start()] if end else b""
        if length < 2 or at > len(file) or (code == _SCAN and not end):
            break
        at += len(scan)
        yield code, body, scan
    raise PhotoError("broken")


def _jpeg(file: bytes, limits: Limits) -> Parts:
    kept, frames, exif = [b"\xff\xd8"], [], b""
    scans = held = 0
    for code, body, scan in _segments(file, limits):
        if code == _EXIF and body.startswith(b"Exif\x00\x00"):
            exif = exif or body[6:]
        if code in _FRAMES:
            frames.append((code, *struct.unpack_from(">xHH", body)))
        elif code == _SCAN:
            scans += 1
        elif (code, body[:5]) in _COLOURS:
            body = body[: _COLOURS[code, body[:5]]]
        elif code == _COMMENT or 0xE0 <= code <= 0xEF:
            continue
        elif code not in _TABLES:
            raise PhotoError("broken")
        kept += (struct.pack(">BBH", 0xFF, code, len(body) + 2), body, scan)
        held += len(body)
    if len(frames) != 1 or not 1 <= scans <= limits.scans or held > HEAD_BYTES:
        raise PhotoError("broken")
    code, height, width = frames[0]
    most = limits.pixels_whole if scans > 1 or code == _PROGRESSIVE else limits.pixels
    return Parts("JPEG", b"".join([*kept, b"\xff\xd9"]), (width, height), most, _turn(exif))


_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def _png(file: bytes, limits: Limits) -> Parts:
    kept, exif, at, held = [_PNG_SIGNATURE], b"", len(_PNG_SIGNATURE), 0
    for _number in range(limits.pieces):
        length, name = struct.unpack_from(">I4s", file, at)
        body, end = file[at + 8 : at + 8 + length], at + 12 + length
        if end > len(file) or (name == b"IHDR") != (at == len(_PNG_SIGNATURE)):
            break
        if name in _PNG_KEPT:
            if struct.unpack_from(">I", file, end - 4)[0] != zlib.crc32(body, zlib.crc32(name)):
                break
            kept.append(file[at:end])
            held += 0 if name == b"IDAT" else length
        elif name == b"eXIf":
            exif = exif or body
        elif not name[0] & 0x20:  # a capital letter: not to be drawn by who doesn't know it
            break
        if held > HEAD_BYTES:
            break
        if name == b"IEND":
            size = struct.unpack_from(">II", file, 16)
            return Parts("PNG", b"".join(kept), size, limits.pixels_whole, _turn(exif))
        at = end
    raise PhotoError("broken")


def _webp(file: bytes, limits: Limits) -> Parts:
    """The whole WebP up to its trailer: libwebp leaves texts unread, so that none need be dropped."""
    whole = 8 + struct.unpack_from("<I", file, 4)[0]
    name, exif, at = file[12:16], b"", 12
    if whole > len(file):
        raise PhotoError("broken")
    for _number in range(limits.pieces):
        if at + 8 > whole:
            return Parts("WEBP", file[:whole], _webp_size(name, file), limits.pixels_webp, _turn(exif))
        length = struct.unpack_from("<I", file, at + 4)[0]
        if file[at : at + 4] == b"EXIF" and not exif:
            exif = file[at + 8 : at + 8 + length].removeprefix(b"Exif\x00\x00")
        at += 8 + length + length % 2
    raise PhotoError("broken")


def _webp_size(name: bytes, file: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        width, width_high, height, height_high = struct.unpack_from("<HBHB", file, 24)
        return (width_high << 16 | width) + 1, (height_high << 16 | height) + 1
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", file, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", file, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise PhotoError("broken")


def _turn(exif: bytes) -> int:
    """Exif's orientation, read alone: 1 where there is none or what is there means nothing."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (entries,) = struct.unpack_from(order + "H", exif, start)
        for entry in range(min(entries, 500)):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", exif, start + 2 + 12 * entry)
            if tag == 0x0112:
                return value if (kind, count) == (3, 1) and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
