"""Uploads, good and bad, built in code: no file of ours is a bomb that somebody could trip over."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from PIL import Image, ImageCms, PngImagePlugin

MARK = b"MARKER-7f3a"  # searched for in what comes out
PNG = b"\x89PNG\r\n\x1a\n"
JPEG_END = b"\xff\xd9"


def picture(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Blue on the left, red on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def noise(size: tuple[int, int]) -> Image.Image:
    """What compresses worst: three bands of noise."""
    return Image.merge("RGB", [Image.effect_noise(size, 200) for _ in range(3)])


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    return saved(picture(size=size), "JPEG", **options)


def png(size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    return saved(picture(size=size), "PNG", **options)


def webp(size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    return saved(picture(size=size), "WEBP", **options)


def exif(orientation: int | None = None) -> Image.Exif:
    """A camera's name, a place in Tehran, a comment: each with the mark; where asked, an orientation."""
    tags = Image.Exif()
    tags[0x010F] = MARK.decode()
    tags.get_ifd(0x8825)[1] = "N"
    tags.get_ifd(0x8825)[2] = (35.0, 41.0, 21.0)
    tags.get_ifd(0x8825)[29] = MARK.decode()
    tags.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + MARK
    if orientation:
        tags[0x0112] = orientation
    return tags


def profile() -> bytes:
    """sRGB's own ICC profile, with the mark behind it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK


def segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def with_segments(file: bytes, *segments: bytes) -> bytes:
    """A JPEG with segments right after its first marker."""
    return file[:2] + b"".join(segments) + file[2:]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def header(width: int, height: int, *, bits: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace))


def png_of(width: int, height: int, *middle: bytes, colour: int = 0, tail: bytes = b"") -> bytes:
    """A PNG of one colour with chunks of any kind before its points, and others after them."""
    row = b"\0" * (1 + width * {0: 1, 2: 3, 6: 4}[colour])
    points = zeros(len(row) * height)
    return (
        PNG + header(width, height, colour=colour) + b"".join(middle) + chunk(b"IDAT", points) + tail
        + chunk(b"IEND", b"")
    )  # fmt: skip


def zeros(length: int) -> bytes:
    """`length` zeros, deflated, without ever holding them."""
    deflate, block = zlib.compressobj(9), bytes(2**20)
    whole = [deflate.compress(block) for _ in range(length // len(block))]
    return b"".join([*whole, deflate.compress(bytes(length % len(block))), deflate.flush()])


def zipped(body: bytes = MARK, name: str = "photo.jpg") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


def zip_bomb() -> bytes:
    """Zips of zips of zeros: 1,000 megabytes in some kilobytes."""
    return zipped(zipped(bytes(10_000_000)) * 100)


def many_scans(size: tuple[int, int], scans: int) -> bytes:
    """A progressive JPEG whose last pass comes again and again."""
    file = saved(Image.new("L", size, 90), "JPEG", progressive=True)
    last = file[file.rindex(b"\xff\xda") : -2]
    return file[:-2] + last * scans + JPEG_END


def text_chunks() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARK.decode())
    info.add_text("Author", MARK.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", MARK.decode())
    return info


def half(file: bytes) -> bytes:
    return file[: len(file) // 2]


def wrong_crc(name: bytes) -> bytes:
    file = bytearray(png())
    at = file.index(name)
    end = at + 4 + int.from_bytes(file[at - 4 : at])
    file[end] ^= 1
    return bytes(file)


def frame(file: bytes, height: int, width: int) -> bytes:
    """A JPEG that says another height and width."""
    said = height.to_bytes(2) + width.to_bytes(2)
    return re.sub(rb"(?s)(\xff[\xc0\xc2]...).{4}", lambda found: found[1] + said, file, count=1)


def said(width: int, height: int) -> bytes:
    """A PNG that has a header and nothing else."""
    return PNG + header(width, height) + chunk(b"IEND", b"")


def canvas(width: int, height: int) -> bytes:
    """An extended WebP that says another width and height."""
    file = bytearray(webp(exif=exif()))
    file[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(file)


def profile_bomb() -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zeros(1_000_000))


def exif_bomb() -> bytes:
    """5,000 entries, each of which says that its value is the same 59 kilobytes."""
    entries = b"".join(struct.pack("<HHII", 40_000 + i, 7, 59_000, 10) for i in range(5000))
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 5000) + entries


# name: (builder, the refusal's code)
REFUSED = {
    "zip": (zipped, "not-a-photo"),
    "zip bomb": (zip_bomb, "not-a-photo"),
    "svg with script": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not-a-photo"),
    "pdf": (lambda: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF", "not-a-photo"),
    "html": (lambda: b"<!doctype html><script>alert(1)</script>", "not-a-photo"),
    "exe": (lambda: b"MZ\x90\x00" + bytes(60) + b"PE\0\0" + bytes(200), "not-a-photo"),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not-a-photo"),
    "empty": (lambda: b"", "not-a-photo"),
    "one byte": (lambda: b"\xff", "not-a-photo"),
    "tiff": (lambda: saved(picture(), "TIFF"), "not-a-photo"),
    "bmp": (lambda: saved(picture(), "BMP"), "not-a-photo"),
    "gif": (lambda: saved(picture(), "GIF"), "not-a-photo"),
    "ico": (lambda: saved(picture(), "ICO"), "not-a-photo"),
    "photo behind a script": (lambda: b"#!/bin/sh\n" + jpeg(), "not-a-photo"),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), "heic"),
    "heic by its other name": (lambda: b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(200), "heic"),
    "first bytes of a jpeg": (lambda: b"\xff\xd8\xff", "broken"),
    "first bytes of a png": (lambda: PNG, "broken"),
    "first bytes of a webp": (lambda: b"RIFF\x04\0\0\0WEBP", "broken"),
    "half a jpeg": (lambda: half(jpeg((640, 480))), "broken"),
    "half a progressive jpeg": (lambda: half(jpeg((640, 480), progressive=True)), "broken"),
    "half a png": (lambda: half(saved(noise((64, 48)), "PNG")), "broken"),
    "half a webp": (lambda: half(webp((640, 480))), "broken"),
    "crc": (lambda: wrong_crc(b"IDAT"), "broken"),
    "crc of the header": (lambda: wrong_crc(b"IHDR"), "broken"),
    "two headers": (lambda: png_of(9, 9, header(5, 5)), "broken"),
    "apple's own png": (lambda: PNG + chunk(b"CgBI", b"\0" * 4) + png()[8:], "broken"),
    "jpeg without tables": (lambda: re.sub(rb"(?s)\xff\xdb.{67}", b"", jpeg()), "broken"),
    "jpeg without height": (lambda: frame(jpeg(), 0, 48), "broken"),
    "two frames": (lambda: with_segments(jpeg(), segment(0xC0, bytes(15))), "broken"),
    "too many passes": (lambda: many_scans((64, 64), 5000), "broken"),
    "too many tables": (lambda: with_segments(jpeg(), *[segment(0xDB, bytes(65))] * 2000), "broken"),
    "too many pieces": (lambda: with_segments(jpeg(), *[segment(0xE1, b"")] * 2_500_000), "broken"),
    "too many chunks": (lambda: png_of(9, 9, chunk(b"tEXt", b"") * 900_000), "broken"),
    "endless filling": (lambda: b"\xff\xd8" + b"\xff" * 11_000_000 + b"\0", "broken"),
    "endless filling in a scan": (lambda: jpeg()[:-2] + b"\xff" * 11_000_000 + b"\0", "broken"),
    "100 megapixels of one colour": (lambda: png_of(10_000, 10_000), "too-many-pixels"),
    "100 megapixels said in 45 bytes": (lambda: said(10_000, 10_000), "too-many-pixels"),
    "huge png said": (lambda: said(2**31 - 1, 2**31 - 1), "too-many-pixels"),
    "huge jpeg said": (lambda: frame(jpeg(), 65_000, 65_000), "too-many-pixels"),
    "huge progressive jpeg said": (lambda: frame(jpeg(progressive=True), 5001, 5000), "too-many-pixels"),
    "huge webp said": (lambda: canvas(2**24, 2**24), "too-many-pixels"),
    "webp of 20 megapixels": (lambda: canvas(5000, 4000), "too-many-pixels"),
    "1 by 60,000": (lambda: jpeg((1, 60_000)), "too-narrow"),
    "60,000 by 1": (lambda: png((60_000, 1)), "too-narrow"),
    "12 MB and a byte": (lambda: jpeg() + bytes(12_000_001 - len(jpeg())), "too-large"),
}  # fmt: skip


# photos of every make: blue on the left, red on the right
TAKEN = {
    "jpeg": lambda: jpeg(),
    "progressive": lambda: jpeg(progressive=True),
    "grey jpeg": lambda: saved(picture("L"), "JPEG"),
    "cmyk jpeg": lambda: saved(picture("CMYK"), "JPEG"),
    "png": lambda: png(),
    "palette": lambda: saved(picture("P"), "PNG"),
    "one bit": lambda: saved(picture("1"), "PNG"),
    "rgba": lambda: saved(picture("RGBA"), "PNG"),
    "grey and alpha": lambda: saved(picture("LA"), "PNG"),
    "webp": lambda: webp(),
    "lossless webp": lambda: webp(lossless=True),
}


# photos that carry more than their picture
MARKED = {
    "exif with a place": lambda: jpeg(exif=exif(6)),
    "exif twice": lambda: with_segments(jpeg(exif=exif()), segment(0xE1, b"Exif\0\0" + MARK)),
    "preview": lambda: with_segments(jpeg(), segment(0xE1, b"Exif\0\0" + jpeg() + MARK)),
    "xmp": lambda: jpeg(xmp=b"<x:xmpmeta>" + MARK),
    "profile": lambda: jpeg(icc_profile=profile()),
    "iptc": lambda: with_segments(jpeg(), segment(0xED, b"Photoshop 3.0\x008BIM" + MARK)),
    "html in a comment": lambda: jpeg(comment=b"<script>" + MARK + b"</script>"),
    "comment behind the points": lambda: jpeg()[:-2] + segment(0xFE, MARK) + b"\xff\xd9",
    "preview in the jfif mark": lambda: with_segments(
        jpeg(), segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\2\2" + MARK)
    ),
    "zip behind a jpeg": lambda: jpeg() + zipped(name=MARK.decode()),
    "zip behind a png": lambda: png() + zipped(name=MARK.decode()),
    "zip behind a webp": lambda: webp() + zipped(name=MARK.decode()),
    "texts of a png": lambda: png(pnginfo=text_chunks()),
    "exif of a png": lambda: png(exif=exif()),
    "profile of a png": lambda: png(icc_profile=profile()),
    "texts of a webp": lambda: webp(exif=exif(), xmp=b"<x:xmpmeta>" + MARK, icc_profile=profile()),
}


# what costs most of what is taken: every one is a photo by its parts
HEAVY = {
    "50 megapixels": lambda: jpeg((8160, 6120), quality=95, subsampling=0),
    "25 megapixels in passes": lambda: jpeg((5000, 5000), progressive=True, subsampling=0),
    "25 megapixels in 20 passes": lambda: many_scans((5000, 5000), 14),
    "25 megapixels in passes for print": lambda: saved(
        picture("CMYK", (5000, 5000)), "JPEG", progressive=True, subsampling=0
    ),
    "25 megapixels of grey png with alpha": lambda: saved(picture("LA", (5000, 5000)), "PNG"),
    "25 megapixels of png with alpha": lambda: png_of(5000, 5000, colour=6),
    "12 megapixels of webp": lambda: webp((4000, 3000), method=0),
    "12 megapixels of lossless webp with alpha": lambda: saved(
        picture("RGBA", (4000, 3000)), "WEBP", lossless=True, method=0
    ),
    "300 MB behind a small png's points": lambda: (
        PNG
        + header(9, 9)
        + chunk(b"IDAT", zeros(300_000_000))
        + chunk(b"IEND", b"")
    ),
    "5 GB of colour profiles": lambda: png_of(9, 9, profile_bomb() * 5000),
    "5 GB of text": lambda: png_of(
        9, 9, chunk(b"zTXt", b"x\0\0" + zeros(10**8)) * 50
    ),
    "text behind the points": lambda: png_of(
        9, 9, tail=chunk(b"iTXt", b"x\0\1\0\0\0" + zeros(10**8)) * 50
    ),
    "exif that says itself 5,000 times": lambda: with_segments(
        jpeg(), segment(0xE1, exif_bomb())
    ),
}  # fmt: skip
