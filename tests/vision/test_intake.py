"""Pictures come in right or are refused in a sentence; nothing of theirs but pixels is kept."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from assistant import sandbox
from assistant.errors import BadInput
from assistant.vision import decoding, intake
from assistant.vision import intake as intake_function
from assistant.vision.intake import MAX_FILE_BYTES


def file_of(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def near(pixel: object, expected: tuple[int, int, int], within: int = 4) -> bool:
    return all(abs(a - b) <= within for a, b in zip(pixel, expected, strict=True))  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_format_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"täst 照片.{kind.lower()}"
    path.write_bytes(file_of(Image.new("RGB", (64, 32), (200, 30, 30)), kind))
    picture = intake(path)
    assert (picture.width, picture.height) == (64, 32)
    assert picture.name == path.name
    assert picture.mime == ("image/jpeg" if kind == "JPEG" else "image/png")
    assert near(opened(picture.data).getpixel((5, 5)), (200, 30, 30), within=6)


@pytest.mark.parametrize(
    ("picture", "kind", "expected"),
    [
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", (254, 0, 0)),
        (Image.new("I;16", (8, 8), 32896), "PNG", (128, 128, 128)),
        (Image.new("L", (8, 8), 77), "PNG", (77, 77, 77)),
        (Image.new("1", (8, 8), 1), "PNG", (255, 255, 255)),
        (Image.new("RGB", (8, 8), (1, 2, 3)).quantize(4), "PNG", (1, 2, 3)),
        (Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("LA", (8, 8), (0, 51)), "PNG", (204, 204, 204)),
        (Image.new("RGBA", (8, 8), (0, 0, 255, 255)), "WEBP", (0, 0, 255)),
    ],
    ids=["cmyk", "16-bit", "grey", "1-bit", "palette", "transparent", "half-transparent", "opaque alpha"],
)
def test_every_mode_becomes_the_right_rgb(
    picture: Image.Image, kind: str, expected: tuple[int, int, int]
) -> None:
    taken = intake(file_of(picture, kind))
    assert opened(taken.data).mode == "RGB"
    assert near(opened(taken.data).getpixel((4, 4)), expected)


def test_palette_transparency_is_laid_on_white() -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([10, 20, 30] + [0] * 765)
    taken = intake(file_of(picture, "PNG", transparency=0))
    assert opened(taken.data).getpixel((1, 1)) == (255, 255, 255)
    assert taken.note == "transparency shown on white"


@pytest.mark.parametrize("turned", range(1, 9))
def test_exif_orientation_is_applied(turned: int) -> None:
    upright = Image.new("RGB", (40, 20), "white")
    ImageDraw.Draw(upright).rectangle((0, 0, 9, 9), fill="red")  # top left corner
    undo = {
        2: 0,
        3: 3,
        4: 1,
        5: 5,
        6: 2,
        7: 6,
        8: 4,
    }  # orientation -> transpose that makes the stored picture
    stored = upright if turned == 1 else upright.transpose(Image.Transpose(undo[turned]))
    exif = Image.Exif()
    exif[0x0112] = turned
    taken = intake(file_of(stored, "JPEG", exif=exif, quality=95))
    result = opened(taken.data)
    assert result.size == (40, 20) == (taken.width, taken.height)
    assert near(result.getpixel((4, 4)), (254, 0, 0), 12) and near(
        result.getpixel((35, 15)), (255, 255, 255), 12
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_was_taken_in_comes_back_as_it_was(kind: str) -> None:
    """From an export of one's own: not encoded once more, so that its hash stays."""
    noise = Image.effect_noise((120, 70), 90).convert("RGB")
    first = intake_function(file_of(noise, kind), "photo")
    second = intake_function(first.data, "photo")
    assert second.data == first.data and (second.width, second.height) == (120, 70)


def test_a_jpeg_that_only_looks_like_ours_is_encoded_anew() -> None:
    ours = intake_function(file_of(Image.effect_noise((64, 64), 90).convert("RGB"), "JPEG"), "photo").data
    comment = b"\xff\xfe\x00\x08secret"
    for hostile in (
        ours[:2] + comment + ours[2:],
        ours[:-2] + comment + ours[-2:],
        ours + b"<svg>secret</svg>",
        ours[:-2] + b"<svg>secret</svg>" + ours[-2:] + ours[-2:],
    ):
        assert b"secret" not in intake_function(hostile, "photo").data


def test_metadata_is_dropped() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    jpeg = file_of(Image.new("RGB", (8, 8)), "JPEG", exif=exif, comment=b"SECRET comment")
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "SECRET author")
    png = file_of(Image.new("RGB", (8, 8)), "PNG", pnginfo=text, exif=exif)
    for data in (jpeg, png):
        assert b"SECRET" in data
        taken = intake(data)
        assert b"SECRET" not in taken.data
        assert not opened(taken.data).getexif()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "green")]
    taken = intake(file_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
    assert taken.note == "first frame of an animation"
    assert near(opened(taken.data).getpixel((8, 8)), (255, 0, 0), 8)


def test_large_pictures_are_scaled_and_say_so() -> None:
    taken = intake(file_of(Image.new("RGB", (6000, 1500), "navy"), "JPEG"))
    assert max(taken.width, taken.height) <= decoding.MAX_SIDE
    assert taken.width == 4 * taken.height
    assert taken.note == "scaled down from 6000 x 1500"


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims ``width`` x ``height`` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


GOOD = file_of(Image.effect_noise((60, 60), 50).convert("RGB"), "PNG")
REFUSED = {
    "empty": (b"", "is empty"),
    "text": (b"hello, I am no picture", "not a picture"),
    "500 megapixels": (bomb(25000, 20000), "megapixels"),
    "60 megapixels": (bomb(10000, 6000), "megapixels"),
    "zero size": (bomb(0, 10), "damaged"),
    "absurd size": (bomb(2**31 - 1, 2**31 - 1), "megapixels"),
    "truncated": (GOOD[: len(GOOD) // 2], "cut off or damaged"),
    "header only": (GOOD[:8], "damaged"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC picture"),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF picture"),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
    "bare svg": (b'  <svg onload="x()"/>', "SVG drawing"),
    "bmp": (file_of(Image.new("RGB", (8, 8)), "BMP"), "BMP picture"),
    "tiff": (file_of(Image.new("RGB", (8, 8)), "TIFF"), "TIFF picture"),
    "pdf": (b"%PDF-1.7\n", "PDF document"),
    "too many bytes": (GOOD + b"\0" * MAX_FILE_BYTES, "20 MB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_and_how_it_is_said(case: str) -> None:
    data, part = REFUSED[case]
    with pytest.raises(BadInput) as refused:
        intake(data, "photo.png")
    sentence = str(refused.value)
    assert part in sentence
    assert sentence.startswith("photo.png ") and sentence.endswith(".") and "\n" not in sentence


def test_files_that_are_no_files(tmp_path: Path) -> None:
    for source, part in (
        (tmp_path / "nothing.png", "is not there"),
        (tmp_path, "is a folder"),
        ("a\0b", "is not there|cannot be read"),
    ):
        with pytest.raises(BadInput, match=part):
            intake(source)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(BadInput, match="not an ordinary file"):
            intake(tmp_path / "pipe.png")


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(GOOD)
    assert intake(path).mime == "image/png"


def test_a_killed_decoder_is_replaced() -> None:
    from assistant.vision.intake import _worker

    intake(GOOD)
    assert _worker._process is not None
    _worker._process.kill()
    _worker._process.join(10)
    assert intake(GOOD).width == 60


def test_the_decoder_runs_elsewhere_and_under_limits() -> None:
    from assistant.vision.intake import _worker

    intake(GOOD)
    process = _worker._process
    assert process is not None and process.pid != os.getpid()
    limits = Path(f"/proc/{process.pid}/limits")
    if limits.exists():
        found = {line[:25].strip(): line[25:].split()[0] for line in limits.read_text().splitlines()[1:]}
        assert int(found["Max address space"]) <= sandbox.MEMORY_BYTES
        assert found["Max file size"] == "0" and found["Max cpu time"] != "unlimited"


SAMPLES = [
    GOOD,
    file_of(Image.effect_noise((40, 30), 80).convert("RGB"), "JPEG"),
    file_of(Image.effect_noise((40, 30), 80).convert("CMYK"), "JPEG"),
    file_of(Image.effect_noise((40, 30), 80).convert("RGBA"), "WEBP"),
    file_of(Image.effect_noise((40, 30), 80).convert("P"), "GIF"),
    file_of(Image.new("I;16", (20, 20), 40000), "PNG"),
]


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sample=st.sampled_from(SAMPLES),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    cut=st.one_of(st.none(), st.floats(0, 1)),
    tail=st.binary(max_size=16),
)
def test_damaged_files_are_read_or_refused(
    sample: bytes, flips: list[tuple[float, int]], cut: float | None, tail: bytes
) -> None:
    data = bytearray(sample)
    for where, value in flips:
        data[min(len(data) - 1, int(where * len(data)))] = value
    if cut is not None:
        del data[int(cut * len(data)) :]
    header, pixels = decoding.answer(bytes(data) + tail)  # must not raise
    if "refused" in header:
        assert pixels == b"" and header["refused"].endswith(".")
    else:
        picture = opened(pixels)
        picture.load()
        assert picture.mode == "RGB" and picture.size == (header["width"], header["height"])
        assert picture.width * picture.height <= decoding.MAX_PIXELS


def test_the_package_gives_the_function() -> None:
    assert callable(intake_function)
