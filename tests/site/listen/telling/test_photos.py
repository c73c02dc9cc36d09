"""Photos drawn anew: what is taken comes out clean, what is not is refused in words, at a bounded price."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mahalleh.text import persian_digits
from mahalleh_site.listen.telling import photo_files, photos
from mahalleh_site.listen.telling.photos import LIMITS, Limits, PhotoError, redrawn
from tests.site.listen import uploads
from tests.site.listen.uploads import MARK

BLUE, RED, WHITE = (0, 0, 255), (255, 0, 0), (255, 255, 255)
ROOT = Path(__file__).parents[4]


def opened(file: bytes) -> Image.Image:
    """What came out, read strictly: a JPEG with nothing in it but the picture."""
    assert segments(file) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
    image = Image.open(io.BytesIO(file), formats=["JPEG"])
    assert set(image.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()
    assert max(image.size) <= LIMITS.side
    assert len(file) <= LIMITS.out_bytes
    image.load()
    return image


def segments(file: bytes) -> set[int]:
    """The markers of a JPEG of one scan, which must end where it ends."""
    at, codes = 2, set()
    while file[at + 1] != 0xDA:
        codes.add(file[at + 1])
        at += 2 + int.from_bytes(file[at + 2 : at + 4])
    assert [hit.start() for hit in re.finditer(rb"\xff[^\x00]", file[at + 2 :])] == [len(file) - at - 4]
    assert file.endswith(uploads.JPEG_END)
    return codes | {0xDA}


def near(found: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= 8 for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("name", uploads.REFUSED)
def test_what_is_no_photo__is_refused_in_words_and_at_once(name):
    build, code = uploads.REFUSED[name]
    file = build()
    began = time.process_time()
    with pytest.raises(PhotoError) as refusal:
        redrawn(file)
    assert time.process_time() - began < 10  # a guard against hours; how fast it is stands in decision 15
    assert refusal.value.code == code
    assert str(refusal.value).endswith((".", "!"))
    assert "%" not in str(refusal.value)


@pytest.mark.parametrize("name", uploads.TAKEN)
def test_photos__come_out_as_they_went_in(name):
    image = opened(redrawn(uploads.TAKEN[name]()))
    assert image.size == (48, 32)
    greys = {"grey jpeg": (29, 76), "grey and alpha": (29, 76), "one bit": (0, None)}
    left, right = greys.get(name, (BLUE, RED))  # luma of blue 0.114 * 255 = 29, of red 0.299 * 255 = 76
    for x, colour in ((12, left), (36, right)):
        if colour is not None:
            assert near(image.getpixel((x, 16)), colour if isinstance(colour, tuple) else (colour,) * 3), (
                colour
            )


def test_a_name_and_a_type__say_nothing():
    upload = io.BytesIO(uploads.png())
    upload.name, upload.content_type = "photo.exe", "application/x-msdownload"
    assert opened(redrawn(upload)).size == (48, 32)


@pytest.mark.parametrize(
    ("orientation", "size", "first", "last"),
    [
        (1, (48, 32), BLUE, RED),  # first: top left; last: bottom right
        (2, (48, 32), RED, BLUE),  # mirrored
        (3, (48, 32), RED, BLUE),  # upside down
        (4, (48, 32), BLUE, RED),
        (5, (32, 48), BLUE, RED),
        (6, (32, 48), BLUE, RED),  # turned right: what was left is on top
        (7, (32, 48), RED, BLUE),
        (8, (32, 48), RED, BLUE),  # turned left: what was left is at the bottom
        (9, (48, 32), BLUE, RED),  # there is no ninth
    ],
)
@pytest.mark.parametrize("build", [uploads.jpeg, uploads.png, uploads.webp])
def test_orientation__is_applied(build, orientation, size, first, last):
    image = opened(redrawn(build(exif=uploads.exif(orientation))))
    assert image.size == size
    assert near(image.getpixel((4, 4)), first)
    assert near(image.getpixel((size[0] - 5, size[1] - 5)), last)


def test_orientation__tells_mirrored_from_turned():
    corner = uploads.picture()
    corner.paste("white", (0, 0, 16, 16))  # the top left one
    where = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}  # Exif 2.32, table 6
    for orientation, place in where.items():
        image = opened(redrawn(uploads.saved(corner, "PNG", exif=uploads.exif(orientation))))
        x = 4 if place[1] == "l" else image.width - 5
        y = 4 if place[0] == "t" else image.height - 5
        assert near(image.getpixel((x, y)), WHITE), orientation


@pytest.mark.parametrize("name", uploads.MARKED)
def test_what_is_not_the_picture__is_gone(name):
    file = uploads.MARKED[name]()
    assert MARK in file or b"profile" in name.encode() or name == "texts of a png"
    clean = redrawn(file)
    opened(clean)
    for trace in (MARK, b"Exif", b"GPS", b"http", b"script", b"ICC", b"PK\x03\x04"):
        assert trace not in clean


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation__gives_its_first_picture(kind):
    second = Image.new("RGB", (48, 32), "lime")
    file = uploads.saved(uploads.picture(), kind, save_all=True, append_images=[second], duration=100)
    image = opened(redrawn(file))
    assert near(image.getpixel((12, 16)), BLUE)
    assert near(image.getpixel((36, 16)), RED)


def test_two_photos_in_one_file__give_the_first():
    file = uploads.saved(
        uploads.picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32), "lime")]
    )
    assert file.count(b"\xff\xd8\xff") == 2
    assert near(opened(redrawn(file)).getpixel((12, 16)), BLUE)


def test_a_malformed_list_of_two_photos__is_not_even_read():
    file = uploads.with_segments(uploads.jpeg(), uploads.segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff"))
    assert opened(redrawn(file)).size == (48, 32)  # Pillow would warn, which fails in these tests


def test_transparency__lies_on_white():
    half_clear = uploads.picture("RGBA")
    half_clear.paste((0, 0, 0, 0), (0, 0, 24, 32))
    half_clear.paste((255, 0, 0, 128), (24, 0, 48, 32))
    for kind in ("PNG", "WEBP"):
        image = opened(redrawn(uploads.saved(half_clear, kind)))
        assert near(image.getpixel((12, 16)), WHITE)
        assert near(image.getpixel((40, 16)), (255, 127, 127))  # half red, half white


def test_transparency_of_a_palette__lies_on_white():
    image = uploads.picture().quantize(2)
    file = uploads.saved(image, "PNG", transparency=image.getpixel((2, 2)))
    assert near(opened(redrawn(file)).getpixel((12, 16)), WHITE)
    assert near(opened(redrawn(file)).getpixel((36, 16)), RED)


def test_sixteen_bits__become_eight():
    """Rows of 0, a third, two thirds and all of 65,535, as grey and as colour."""
    for colour, bands in ((0, 1), (2, 3)):
        rows = b"".join(
            b"\0" + (x // 16 * 21845).to_bytes(2) * bands * 64 for x in range(64)
        )  # one value a row
        file = uploads.PNG + uploads.header(64, 64, bits=16, colour=colour)
        file += uploads.chunk(b"IDAT", uploads.zlib.compress(rows)) + uploads.chunk(b"IEND", b"")
        image = opened(redrawn(file))
        for row, value in ((8, 0), (24, 85), (40, 170), (56, 255)):
            assert near(image.getpixel((32, row)), (value,) * 3)


def test_a_clear_value_in_sixteen_bits_of_grey__stays_what_it_is():
    clear = uploads.chunk(b"tRNS", b"\x55\x55")
    rows = uploads.zlib.compress((b"\0" + b"\x55\x55" * 8) * 8)
    file = uploads.PNG + uploads.header(8, 8, bits=16) + clear + uploads.chunk(b"IDAT", rows)
    assert near(opened(redrawn(file + uploads.chunk(b"IEND", b""))).getpixel((4, 4)), (85,) * 3)


def test_large_photos__become_1600_a_side_and_keep_their_shape():
    assert opened(redrawn(uploads.jpeg((4000, 3000)))).size == (1600, 1200)
    assert opened(redrawn(uploads.png((1200, 2400)))).size == (800, 1600)
    assert opened(redrawn(uploads.jpeg((8000, 400)))).size == (1600, 80)
    assert opened(redrawn(uploads.jpeg((1, 1)))).size == (1, 1)


def test_what_compresses_badly__gets_plainer_then_smaller_until_it_fits():
    file = uploads.saved(uploads.noise((1600, 1600)), "JPEG", quality=90)
    assert len(redrawn(file, limits=Limits(out_bytes=10**7))) > LIMITS.out_bytes
    assert len(redrawn(file)) <= LIMITS.out_bytes
    small = redrawn(file, limits=Limits(out_bytes=30_000))
    assert len(small) <= 30_000
    assert opened(small).width >= 200


def test_a_limit__is_met_to_the_pixel():
    limits = Limits(pixels=48 * 32, pixels_whole=48 * 32, pixels_webp=48 * 32)
    for build in (uploads.jpeg, uploads.png, uploads.webp):
        assert redrawn(build((48, 32)), limits=limits)
        with pytest.raises(PhotoError) as refused:
            redrawn(build((49, 32)), limits=limits)
        assert refused.value.code == "too-many-pixels"
    assert redrawn(uploads.jpeg((200, 10)))
    with pytest.raises(PhotoError) as refused:
        redrawn(uploads.jpeg((201, 10)))
    assert refused.value.code == "too-narrow"


MEASURE = """
import sys, time
from mahalleh_site.listen.telling.photos import PhotoError, redrawn
file = open(sys.argv[1], "rb").read()
began = time.process_time()
try:
    answer = len(redrawn(file))
except PhotoError as refusal:
    answer = refusal.code
spent = time.process_time() - began
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(answer, spent, int(peak) / 1000)
"""


@pytest.mark.parametrize("name", uploads.HEAVY)
def test_the_heaviest_files__cost_seconds_at_most_and_300_megabytes(name, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(uploads.HEAVY[name]())
    assert path.stat().st_size <= LIMITS.file_bytes
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer, seconds, megabytes = done.stdout.split()
    assert answer.isdigit(), answer
    assert float(seconds) < 10  # a guard against hours on a busy machine
    assert float(megabytes) < 300


class Endless(io.RawIOBase):
    """A sender who never stops and hands over little at a time."""

    given = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        piece = b"\xff" * min(size, 70_000)
        self.given += len(piece)
        return piece


@pytest.mark.parametrize("build", [uploads.jpeg, uploads.png, uploads.webp])
def test_a_photo_cut_off_anywhere__is_refused(build):
    file = build((9, 9))
    for length in range(len(file)):
        with pytest.raises(PhotoError):
            redrawn(file[:length])


OUT_OF_ORDER = {
    "two frames": lambda: uploads.with_segments(uploads.jpeg(), uploads.segment(0xC0, bytes(15))),
    "no scan": lambda: re.sub(rb"(?s)\xff\xda.*", b"\xff\xd9", uploads.jpeg()),
    "lossless": lambda: uploads.jpeg().replace(b"\xff\xc0", b"\xff\xc3", 1),
    "arithmetic": lambda: uploads.jpeg().replace(b"\xff\xc0", b"\xff\xc9", 1),
    "height told later": lambda: uploads.with_segments(uploads.jpeg(), uploads.segment(0xDC, b"\0\x20")),
    "apple's own png": uploads.REFUSED["apple's own png"][0],
    "half a webp": uploads.REFUSED["half a webp"][0],
}


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_what_is_out_of_order__never_meets_the_decoder(name):
    with pytest.raises(PhotoError) as refusal:
        photo_files.taken_apart(OUT_OF_ORDER[name]())
    assert refusal.value.code == "broken"


@pytest.mark.parametrize("name", [name for name in uploads.MARKED if name != "texts of a webp"])
def test_what_is_not_the_picture__never_meets_the_decoder(name):
    assert MARK not in photo_files.taken_apart(uploads.MARKED[name]()).data


def test_of_two_readings_of_a_size__neither_is_believed(monkeypatch):
    parts = replace(photo_files.taken_apart(uploads.png()), size=(47, 32))
    monkeypatch.setattr(photos, "taken_apart", lambda file, limits: parts)
    with pytest.raises(PhotoError) as refusal:
        redrawn(uploads.png())
    assert refusal.value.code == "broken"


def test_no_other_reader_of_pillow__is_within_reach(monkeypatch):
    for kind in ("GIF", "TIFF", "BMP", "PNG"):
        parts = photo_files.Parts("JPEG", uploads.saved(uploads.picture(), kind), (48, 32), 10**6, 1)
        monkeypatch.setattr(photos, "taken_apart", lambda file, limits, parts=parts: parts)
        with pytest.raises(PhotoError) as refusal:
            redrawn(b"")
        assert refusal.value.code == "broken"


def test_of_two_orientations__the_first_counts():
    second = uploads.saved(uploads.picture(), "JPEG", exif=uploads.exif(1))
    exif = second[second.index(b"\xff\xe1") :]
    exif = exif[: 2 + int.from_bytes(exif[2:4])]
    file = uploads.jpeg(exif=uploads.exif(6))
    end = file.index(b"\xff\xdb")
    assert opened(redrawn(file[:end] + exif + file[end:])).size == (32, 48)


def test_where_pillow_would_warn_of_a_bomb__the_photo_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 48 * 32 - 1)
    for build in (uploads.jpeg, uploads.png, uploads.webp):
        with pytest.raises(PhotoError) as refusal:
            redrawn(build())
        assert refusal.value.code == "too-many-pixels"


def test_an_endless_upload__is_read_to_the_limit_and_no_further():
    upload = Endless()
    with pytest.raises(PhotoError) as refusal:
        redrawn(upload)
    assert refusal.value.code == "too-large"
    assert upload.given == LIMITS.file_bytes + 1


def test_an_upload_in_small_pieces__is_put_together():
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 7))

    assert redrawn(Slow(uploads.jpeg())) == redrawn(uploads.jpeg())


def test_a_line_that_breaks__is_not_called_a_broken_photo():
    class Gone(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        redrawn(Gone())


def test_a_refusal__lets_the_next_photo_in():
    with pytest.raises(PhotoError):
        redrawn(b"")
    assert redrawn(uploads.jpeg())


def test_refusals__count_in_the_digits_of_the_page():
    for code, most, english in (
        ("too-large", 12, "12"),
        ("too-many-pixels", 50, "50"),
        ("too-narrow", 20, "20"),
    ):
        with override("en"):
            assert english in str(PhotoError(code, most))
        with override("fa"):
            assert persian_digits(english) in str(PhotoError(code, most))


def test_refusals__say_what_to_do():
    for sentence in photo_files.SENTENCES.values():
        with override("en"):
            assert re.search(r"\b([Ss]end|Cut out)\b", str(sentence))


def test_the_code__brings_nothing_that_could_look_for_faces_or_plates():
    """Standard library, Pillow's drawing and three readers, translations, and how we write numbers."""
    allowed = {
        "PIL",
        "django.utils.translation",
        "mahalleh_site.ui.formats",
        "mahalleh_site.listen.telling.photo_files",
    }
    pillow = {"Image", "JpegImagePlugin", "PngImagePlugin", "WebPImagePlugin"}
    for module in (photos, photo_files):
        for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module]
                assert node.module != "PIL" or {name.name for name in node.names} <= pillow
            for name in names:
                assert name in allowed or name.partition(".")[0] in sys.stdlib_module_names, name


SEEDS = [build() for build in uploads.TAKEN.values()] + [build() for build in uploads.MARKED.values()]


def clean_or_refused(file: bytes) -> None:
    try:
        clean = redrawn(file)
    except PhotoError:
        return
    opened(clean)


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", uploads.PNG, b"RIFF\x40\0\0\0WEBPVP8 "])
)
@settings(max_examples=300, deadline=None)
def test_any_bytes__are_a_clean_jpeg_or_refused(body, start):
    clean_or_refused(start + body)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=8),
    st.integers(0),
)
@settings(max_examples=400, deadline=None)
def test_any_photo_with_other_bytes_and_another_end__is_a_clean_jpeg_or_refused(file, changes, cut):
    damaged = bytearray(file)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    clean_or_refused(bytes(damaged[: len(damaged) - cut % 40 if cut % 2 else len(damaged)]))
