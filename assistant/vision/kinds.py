"""What kind of file this is, by its first bytes, never its name; and the sentence for a wrong one."""

from __future__ import annotations

from assistant.errors import BadInput

OPENED = "PNG, JPEG, WEBP and GIF"

# (first bytes, how many bytes before them, name of the kind)
_OTHER_KINDS: tuple[tuple[bytes, int, str], ...] = (
    (b"BM", 0, "a BMP picture"),
    (b"II*\0", 0, "a TIFF picture"),
    (b"MM\0*", 0, "a TIFF picture"),
    (b"%PDF", 0, "a PDF document"),
    (b"8BPS", 0, "a Photoshop file"),
    (b"\0\0\1\0", 0, "an icon file"),
    (b"\0\0\0\x0cJXL ", 0, "a JPEG XL picture"),
    (b"\xff\x0a", 0, "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", 0, "a JPEG 2000 picture"),
    (b"PK\3\4", 0, "a ZIP archive or office document"),
    (b"\x1aE\xdf\xa3", 0, "a video"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def is_opened(data: bytes) -> bool:
    """Does this begin like one of the four formats that are opened?"""
    return (
        data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"))
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    )  # fmt: skip


def is_picture(data: bytes) -> bool:
    """Is this a picture, of a kind that is opened or of one that is not?"""
    kind = _kind(data)
    if kind == "a BMP picture":
        return b"\0" in data  # a text may begin with BM
    return is_opened(data) or kind.endswith(("picture", "drawing", "icon file", "Photoshop file"))


def check(data: bytes, name: str, max_bytes: int) -> None:
    """Raise BadInput in one sentence unless ``data`` may be given to the decoder."""
    if not data:
        raise BadInput(f"{name} is empty.")
    if len(data) > max_bytes:
        raise BadInput(f"{name} is larger than {max_bytes // 1_000_000} MB, the most a picture may have.")
    if is_opened(data):
        return
    kind = _kind(data)
    if kind:
        raise BadInput(f"{name} is {kind}, which cannot be opened here; save it as PNG or JPEG first.")
    raise BadInput(f"{name} is not a picture that can be opened ({OPENED} can).")


def _kind(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIF_BRANDS:
            return "a HEIC picture"
        return "an AVIF picture" if data[8:12] in (b"avif", b"avis") else "a video or sound file"
    for start, offset, kind in _OTHER_KINDS:
        if data[offset : offset + len(start)] == start:
            return kind
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<svg") or (
        head.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head
    ):
        return "an SVG drawing"
    return ""
