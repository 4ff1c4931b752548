"""Perception without any language model: photos, rendered scenes, text, nothing; each picture is looked at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from models.errors import ModelRefused
from models.perception import fact_wording
from models.perception import recognizer as eyes_module
from models.perception.facts import compare
from models.perception.recognizer import Eyes, available

DATA = Path(__file__).parents[1] / "data"
pytestmark = pytest.mark.skipif(not available(), reason="the package with the encoder's weights is missing")


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes()


def photo(name: str) -> Image.Image:
    with Image.open(DATA / name) as opened:
        return opened.convert("RGB")


def circles(count: int, colour: tuple[int, int, int] = (30, 60, 230)) -> Image.Image:
    picture = Image.new("RGB", (300, 200), "white")
    pen = ImageDraw.Draw(picture)
    for place in range(count):
        pen.ellipse((20 + 95 * place, 70, 80 + 95 * place, 130), fill=colour)
    return picture


@pytest.mark.parametrize(
    ("file", "name", "category"), [("cat.jpg", "cat", "animal"), ("coffee.jpg", "coffee", "drink")]
)
def test_photos_are_named(eyes: Eyes, file: str, name: str, category: str) -> None:
    sight = eyes.look(photo(file))
    assert (sight.facts.certainty, sight.facts.name, sight.facts.category) == ("sure", name, category)
    assert not sight.facts.drawing and sight.facts.names[0][0] == name == sight.recognised[0][0]
    assert f"a {name}" in fact_wording.note(sight.facts, 1) or name in fact_wording.note(sight.facts, 1)


def test_plain_things_are_counted_and_placed(eyes: Eyes) -> None:
    facts = eyes.look(circles(3)).facts
    assert [(group.count, group.colour, group.shape) for group in facts.groups] == [(3, "blue", "circle")]
    assert facts.drawing and facts.background == "white"
    assert "three blue circles" in fact_wording.note(facts, 1)


def test_two_sorts_stand_left_and_right(eyes: Eyes) -> None:
    picture = circles(2)
    ImageDraw.Draw(picture).rectangle((225, 70, 280, 125), fill=(220, 30, 30))
    facts = eyes.look(picture).facts
    assert [(group.count, group.colour, group.shape) for group in facts.groups] == [
        (2, "blue", "circle"),
        (1, "red", "square"),
    ]
    assert "blue circles are left of the red square" in fact_wording.note(facts, 1)


def test_pictures_are_compared(eyes: Eyes) -> None:
    blue, red = eyes.look(circles(2)).facts, eyes.look(circles(2, (220, 30, 30))).facts
    told = compare(blue, red)
    assert (told.count, told.colour, told.shape) == ("same", "different", "same")


def test_nothing_is_claimed_of_nothing(eyes: Eyes) -> None:
    facts = eyes.look(Image.new("RGB", (320, 200), (128, 128, 128))).facts
    assert facts.nothing and not facts.names
    noise = eyes.look(Image.effect_noise((320, 240), 60).convert("RGB")).facts
    assert noise.nothing


def test_text_is_read(eyes: Eyes) -> None:
    pytest.importorskip("faster_paddle")
    picture = Image.new("RGB", (480, 200), "white")
    ImageDraw.Draw(picture).text((60, 60), "EXIT", fill="black", font=ImageFont.load_default(size=60))
    assert eyes.read(picture) == "EXIT"


def test_a_picture_is_looked_at_once(eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = circles(1)
    first = eyes.look(picture)
    monkeypatch.setattr(eyes, "_open", lambda: pytest.fail("looked again"))
    assert eyes.look(picture.copy()) is first


def test_missing_and_damaged_weights_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(eyes_module, "find", lambda source: None)
    assert not available()
    with pytest.raises(ModelRefused, match="is missing"):
        Eyes().look(circles(1))
    damaged = tmp_path / "weights.pth"
    damaged.write_bytes(b"no weights")
    monkeypatch.setattr(eyes_module, "find", lambda source: damaged)
    with pytest.raises(ModelRefused, match="damaged"):
        Eyes().look(circles(1))


def test_it_needs_no_language_model_and_is_cheap_to_import() -> None:
    script = (
        "import sys, models.perception.recognizer, models.pictures.described_pictures\n"
        "assert not {'torch', 'transformers', 'faster_paddle'} & set(sys.modules)\n"
        "from PIL import Image\n"
        "models.perception.recognizer.Eyes().look(Image.new('RGB', (64, 64)))\n"
        "assert not {'transformers', 'models.starter', 'models.loaded_model'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=DATA.parents[1], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
