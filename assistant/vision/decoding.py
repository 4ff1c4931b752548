"""Body of the process that decodes pictures (``assistant.sandbox``). It imports Pillow and opens no file.

It is given the bytes of a file and answers with a JSON object, then (if the picture was fine) a
re-encoded file: upright (EXIF), first frame, sRGB, transparency laid over white, 8 bits, at most
``MAX_SIDE`` pixels a side, without any metadata.
"""

from __future__ import annotations

import io
import warnings
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from assistant.sandbox import serve

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 50_000_000
MAX_SIDE = 4096  # pixels; models look at far fewer, and reading text gains nothing beyond it
MAX_PNG_BYTES = 20_000_000  # a lossless copy larger than this (noise) becomes a JPEG
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class Refused(Exception):
    """Why the picture cannot be used: the rest of a sentence that begins with its name."""


def run(connection: Connection) -> None:
    """Answer pictures until the other end is gone."""
    serve(connection, _load, answer)


def _load() -> None:
    import PIL.Image

    PIL.Image.preinit()
    PIL.Image.init()


def answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    """({"mime", "width", "height", "note"}, file) or ({"refused": clause}, b"")."""
    try:
        return decode(data)
    except Refused as refusal:
        return {"refused": str(refusal)}, b""
    except MemoryError:
        return {"refused": "needs more memory than a picture may take."}, b""
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        ArithmeticError,
    ) as error:
        # What Pillow raises on damaged files: documented as OSError, met in practice as all of these.
        cut = "truncated" in str(error) or isinstance(error, EOFError)
        return {"refused": "is cut off or damaged." if cut else "is damaged and cannot be opened."}, b""


def decode(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Decode, set right and re-encode. Raises Refused, or whatever Pillow raises on damaged data."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    notes: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning)  # corrupt EXIF, odd palettes: still pictures
        try:
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused(_too_large(picture.width * picture.height))
            if getattr(picture, "is_animated", False) and picture.format != "MPO":
                picture.seek(0)
                notes.append("first frame of an animation")
            lossy = picture.format in ("JPEG", "MPO")
            if lossy:
                picture.draft(None, (MAX_SIDE, MAX_SIDE))  # decodes at 1/2, 1/4, 1/8 where that is enough
            original = _size_of(data, picture)
            picture.load()
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Refused(_too_large(None)) from error
        except UnidentifiedImageError as error:
            raise Refused("is damaged and cannot be opened.") from error
        if lossy and _is_ours(data, picture):  # from an export: as it was, not encoded once more
            return {"mime": "image/jpeg", "width": picture.width, "height": picture.height, "note": ""}, data
        profile = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        if upright.size != picture.size:
            original = (original[1], original[0])
        picture = _to_rgb(_eight_bits(upright), profile, notes)
        if max(original) > MAX_SIDE:
            picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
            notes.append(f"scaled down from {original[0]} x {original[1]}")
        # A fresh image: nothing of the old one's info dictionary (EXIF, comments, profiles) comes along.
        clean = Image.new("RGB", picture.size)
        clean.paste(picture)
        mime, file = _encode(clean, lossy)
    header = {"mime": mime, "width": clean.width, "height": clean.height, "note": "; ".join(notes)}
    return header, file


def _too_large(pixels: int | None) -> str:
    have = f"has {pixels / 1e6:.0f} megapixels" if pixels else "has too many pixels"
    return f"{have}; at most {MAX_PIXELS // 1_000_000} megapixels can be opened."


def _size_of(data: bytes, picture: Image) -> tuple[int, int]:
    """Width and height in the file, which ``draft`` has replaced by those it will decode at."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=FORMATS) as again:
        return again.size


def _eight_bits(picture: Image) -> Image:
    """16-bit greys become 8-bit ones by scaling; Pillow's own conversion would clip them to white."""
    from PIL import Image

    if picture.mode.startswith("I;16"):
        picture = picture.convert("I")
        return picture.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if picture.mode in ("I", "F"):
        _low, high = picture.getextrema()
        scale = 255 / high if isinstance(high, (int, float)) and high > 255 else 1.0
        return Image.eval(picture.convert("F"), lambda value: value * scale).convert("L")
    return picture


def _to_rgb(picture: Image, profile: bytes | None, notes: list[str]) -> Image:
    """RGB in the sRGB colour space, transparent parts over white."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
        if alpha.getextrema()[0] < 255:  # type: ignore[operator]
            notes.append("transparency shown on white")
        colours = _to_srgb(picture.convert("RGB"), profile)
        white = Image.new("RGB", picture.size, "white")
        white.paste(colours, mask=alpha)
        return white
    if picture.mode in ("1", "P"):
        picture = picture.convert("RGB")
    return _to_srgb(picture, profile)


def _to_srgb(picture: Image, profile: bytes | None) -> Image:
    """By the embedded profile (phones: Display P3; print: CMYK); without a usable one, as Pillow converts."""
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        from PIL import ImageCms

        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a profile that is damaged, or of another colour space than the picture
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _is_ours(data: bytes, picture: Image) -> bool:
    """Was this JPEG, which could be decoded whole, written by ``_encode``? Then a decoder reads nothing in it but pixels.

    Everything before the pixels (markers, tables, size) must be what is written here for a picture of that size, and no
    marker but the last may follow.
    """
    from PIL import Image

    if picture.mode != "RGB" or max(picture.size) > MAX_SIDE:
        return False
    scan = b"\xff\xda"  # the pixels begin with this marker and a header of 12 bytes
    made = io.BytesIO()
    Image.new("RGB", picture.size).save(made, "JPEG", quality=95, subsampling=0)
    start = made.getvalue().index(scan) + 14
    pixels = data[start:-2].replace(b"\xff\x00", b"")
    return data[:start] == made.getvalue()[:start] and data[-2:] == b"\xff\xd9" and b"\xff" not in pixels


def _encode(picture: Image, lossy: bool) -> tuple[str, bytes]:
    """A photo stays a JPEG (quality 95, full colour resolution); anything else a PNG, unless that is huge."""
    file = io.BytesIO()
    if not lossy:
        picture.save(file, "PNG", compress_level=4)
        if file.tell() <= MAX_PNG_BYTES:
            return "image/png", file.getvalue()
        file = io.BytesIO()
    picture.save(file, "JPEG", quality=95, subsampling=0)
    return "image/jpeg", file.getvalue()
