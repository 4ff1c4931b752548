"""A picture that is opened large is read by the reader that takes only what intake writes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from PySide6.QtGui import QImage

from ui.conversation_presenter import ConversationPresenter


def shown(path: Path) -> QImage:
    """What the viewer is given for a file."""
    images: list[QImage] = []
    reader = SimpleNamespace(run=lambda work, done: done(work(None)))
    viewer = SimpleNamespace(show_image=lambda image, _caption: images.append(image))
    presenter = SimpleNamespace(_reader=reader, _viewer=viewer)
    ConversationPresenter._show_picture(presenter, str(path), "a picture")  # type: ignore[arg-type]
    return images[0]


def test_an_svg_of_any_name_is_not_opened(qapp, tmp_path):
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"
    (tmp_path / "photo.png").write_bytes(svg)
    assert not QImage(str(tmp_path / "photo.png")).isNull()  # what Qt alone makes of it
    assert shown(tmp_path / "photo.png").isNull()


def test_a_picture_is_opened(qapp, tmp_path):
    image = QImage(9, 6, QImage.Format.Format_RGB32)
    image.fill(0xFF00FF)
    image.save(str(tmp_path / "photo.png"))
    assert (shown(tmp_path / "photo.png").width(), shown(tmp_path / "photo.png").height()) == (9, 6)
