"""Text in pictures is read: print of both languages, in reading order, and nothing where there is none."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from models.perception import ocr
from tests.benchmarks.ocr import FONTS_ZH, distance, fonts, render, squeeze


def page(*texts: tuple[tuple[int, int], str], size: tuple[int, int] = (640, 240)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for at, text in texts:
        draw.text(at, text, font=ImageFont.load_default(28), fill="black")
    return picture


def test_english_in_reading_order(tmp_path: Path) -> None:
    path = tmp_path / "sign.png"
    page(((400, 40), "PLATFORM 9"), ((40, 40), "EXIT"), ((40, 140), "No parking today")).save(path)
    lines = ocr.read_text(path).split("\n")
    assert [squeeze(line) for line in lines] == ["EXITPLATFORM9", "Noparkingtoday"]


def test_chinese() -> None:
    available = fonts(FONTS_ZH)
    if not available:
        pytest.skip("no Chinese font on this system")
    text = "今天的会议改到下午三点"
    found = ocr.Reader().read(render([text], available[0], 32, random.Random(3)))
    assert distance(squeeze(found), text) <= 1


@pytest.mark.parametrize(
    "picture", [Image.new("RGB", (300, 200), "teal"), Image.effect_noise((300, 200), 60).convert("RGB")]
)
def test_nothing_where_nothing_is_written(picture: Image.Image) -> None:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert ocr.Reader().read(buffer.getvalue()) == ""


def test_bytes_that_are_no_picture() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        ocr.Reader().read(b"not a picture")


def test_unsure_boxes_are_left_out_and_columns_stay_in_line() -> None:
    def box(x: int, y: int, text: str, confidence: float = 0.9) -> dict[str, object]:
        return {
            "topLeftCoord": (x, y),
            "bottomRightCoord": (x + 50, y + 20),
            "text": text,
            "confidence": confidence,
        }

    boxes = [box(100, 52, "d"), box(0, 50, "c"), box(100, 0, "b"), box(0, 4, "a"), box(0, 90, "?", 0.3)]
    assert ocr.arrange(boxes) == "a b\nc d"


def test_no_model_that_would_be_fetched() -> None:
    with pytest.raises(ValueError, match="network"):
        ocr.Reader("medium")
