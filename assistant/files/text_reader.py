"""Bytes to text: which encoding it is, and whether it is text at all.

UTF-8 and a byte order mark decide by themselves. Among the older encodings of East Asia the rules below look at which
characters come out; for the rest charset-normalizer guesses. That package alone took a short list of Chinese names in
GB18030 for Korean, so it is asked last.
"""

from __future__ import annotations

import codecs
import re

from assistant.files.kinds import READ, Refused

_SAMPLE = 200_000  # bytes that the encoding is judged by
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROL = 0.01  # of the characters; a terminal's log has some
# Pairs of bytes from A1 to FE, as GB2312, EUC-KR and EUC-JP write their characters.
_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_NOT_TEXT = f"is not text, so nothing can be read in it ({READ} can be read)."


def read(data: bytes) -> str:
    """The text. Raises Refused for what is none."""
    if not data.strip():
        raise Refused("is empty.")
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _checked(data.decode(name, "replace"))
    if name := _without_mark(data):  # before UTF-8, in which a zero is a character
        return _checked(data.decode(name, "replace"))
    if b"\0" in data[:_SAMPLE]:
        raise Refused(_NOT_TEXT)
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        # A file that was cut in the middle of its last character is still UTF-8.
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return _checked(data[: error.start].decode("utf-8"))
    return _checked(data.decode(_older(data), "replace"))


def _checked(text: str) -> str:
    """Raise Refused where so much of it is no text that it was something else."""
    sample = text[:_SAMPLE]
    bad = len(_CONTROL.findall(sample)) + sample.count("\ufffd")
    if bad > len(sample) * _MOST_CONTROL:
        raise Refused(_NOT_TEXT)
    if not text.strip():
        raise Refused("is empty.")
    return text


def _without_mark(data: bytes) -> str:
    """UTF-16 without its mark: every second byte of spaces, digits and line ends is a zero. "" where it is not that."""
    sample = data[:_SAMPLE]
    if len(data) % 2 or b"\0" not in sample:
        return ""
    for name, low, high in (
        ("utf-16-le", sample[0::2], sample[1::2]),
        ("utf-16-be", sample[1::2], sample[0::2]),
    ):
        if high.count(0) > low.count(0) * 4:
            try:
                sample[: len(sample) // 2 * 2].decode(name)
            except UnicodeDecodeError:
                continue
            return name
    return ""


def _older(data: bytes) -> str:
    """The likeliest encoding of text that is no Unicode."""
    sample = data[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    if name := _east_asian(sample):
        return name
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        return "gb18030" if _decodes(sample, "gb18030") else "cp1252"
    # Short texts of Western Europe look to it like those of its neighbours.
    neighbours = ("cp1250", "cp1254", "cp1257", "iso8859", "latin", "mac", "cp775", "cp85", "hp_roman")
    if len(sample) < 2000 and best.encoding.startswith(neighbours) and _decodes(sample, "cp1252"):
        return "cp1252"
    return best.encoding


def _east_asian(sample: bytes) -> str:
    """GB18030, EUC-KR or EUC-JP where all bytes above ASCII come in pairs of theirs; "" where they don't."""
    pairs = _PAIR.findall(sample)
    above = sum(byte > 0x7F for byte in sample)
    if not pairs or len(pairs) * 2 < above * 0.98 or above < 4:
        return ""
    leads = [pair[0] for pair in pairs if pair[0] >= 0xB0 or pair[0] in (0xA4, 0xA5)]  # letters, not marks
    if not leads:
        return ""
    kana = sum(lead in (0xA4, 0xA5) for lead in leads)
    if kana > len(leads) * 0.25 and _decodes(sample, "euc_jp"):
        return "euc_jp"
    hangul = sum(0xB0 <= lead <= 0xC8 for lead in leads)
    if hangul >= len(leads) * 0.98 and len(leads) >= 4 and _decodes(sample, "euc_kr"):
        return "euc_kr"
    common = sum(0xB0 <= lead <= 0xD7 for lead in leads)  # the 3,755 most common characters of GB2312
    return "gb18030" if common > len(leads) * 0.7 and _decodes(sample, "gb18030") else ""


def _decodes(sample: bytes, name: str) -> bool:
    """Does it decode, but for an end that the sample cut?"""
    try:
        sample.decode(name)
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 4
    return True
