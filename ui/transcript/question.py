"""A message of the user: pictures with what was recognised in them, sounds, and text in a bubble at the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from assistant.files.document import read_kept
from assistant.records import Attachment
from assistant.sound.intake import seconds_of
from ui import theme
from ui.files.chip import FileChip
from ui.sound.chip import SoundChip
from ui.theme import tokens
from ui.transcript.message_view import MessageView
from ui.transcript.message_widget import MessageWidget
from ui.transcript.pictures import PictureTile, Thumbnails
from ui.transcript.recognition_words import recognition_text

_PADDING = (16, 10)  # pixels, across and down
_ONE = (320, 240)  # pixels, a single picture at most
_MANY = (148, 148)  # each of several
_GAP = 8
_CAPTION = 200  # characters of the recognised line; the rest in its tooltip
_WIDEST = 0.86  # of the column


def _shorten(caption: QLabel, wide: int) -> None:
    """Cut the words of a caption ``wide`` pixels wide to three whole lines; its tooltip has them all."""
    words = str(caption.property("words") or "")
    caption.setText(words)
    most = 3 * caption.fontMetrics().lineSpacing() + 2
    length = len(words)
    while caption.heightForWidth(wide) > most and length > 1:
        length = min(length - 1, length * most // caption.heightForWidth(wide) + 8)
        caption.setText(words[:length].rstrip(" ,·") + "…")
    caption.setToolTip(words if caption.text() != words else "")


class QuestionWidget(MessageWidget):
    """Shows a message of the user."""

    def __init__(self, parent: QWidget, thumbnails: Thumbnails) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._thumbnails.ready.connect(self._picture_ready)
        self._pictures: list[tuple[PictureTile, QLabel, str, Attachment | None]] = []
        self._sounds: list[SoundChip | FileChip] = []
        self._bubble = QRectF()
        self._shown: tuple[str, str] = ("", "")

    def who(self) -> str:
        return self.tr("You")

    def spoken(self) -> str:
        attached = [tile.accessibleName() for tile, *_ in self._pictures]
        attached += [chip.accessibleName() for chip in self._sounds]
        return " ".join([*attached, self.body.spoken()])

    def tiles(self) -> list[PictureTile]:
        """The pictures, in order."""
        return [tile for tile, *_ in self._pictures]

    def fill(self, view: MessageView) -> None:
        shown = (view.message.id, view.message.text)
        if shown != self._shown:
            self._shown = shown
            if "```" in view.message.text:  # code is shown as code, in the user's own messages too
                self.body.set_text(view.message.text)
            else:
                self.body.set_plain(view.message.text)
        self.body.setVisible(bool(view.message.text))
        self._fill_pictures(view)
        self._fill_sounds(view)

    def _fill_pictures(self, view: MessageView) -> None:
        attached = zip(view.image_paths, view.message.attachments, strict=False)
        wanted = [(path, attachment) for path, attachment in attached if attachment.kind == "image"]
        now = [(path, attachment) for _, _, path, attachment in self._pictures]
        if wanted == now:
            return
        for tile, caption, *_ in self._pictures:
            tile.deleteLater()
            caption.deleteLater()
        self._pictures = [self._picture(path, attachment) for path, attachment in wanted]

    def _fill_sounds(self, view: MessageView) -> None:
        attached = zip(view.image_paths, view.message.attachments, strict=False)
        wanted = [(path, attachment) for path, attachment in attached if attachment.kind != "image"]
        if [path for path, _ in wanted] == [chip.path for chip in self._sounds]:
            return
        for chip in self._sounds:
            chip.hide()
            chip.deleteLater()
        self._sounds = [self._chip(path, entry) for path, entry in wanted]
        for chip in self._sounds:
            chip.show()

    def _chip(self, path: str, entry: Attachment) -> SoundChip | FileChip:
        if entry.kind == "audio":
            return SoundChip(path, entry.name, seconds_of(entry.size_bytes), self, note=entry.note)
        load = partial(read_kept, path)
        return FileChip(path, entry.name, entry.pages or 0, entry.size_bytes, load, self, note=entry.note)

    def _picture(self, path: str, attachment: Attachment) -> tuple[PictureTile, QLabel, str, Attachment]:
        line = recognition_text(attachment.recognition)
        words = " · ".join(part for part in (line, attachment.note) if part)
        name = self.tr("Picture %s") % attachment.name + (f": {words}" if words else "")
        tile = PictureTile(name[:1000], self)
        tile.setToolTip(attachment.name)
        tile.clicked.connect(lambda: self.picture_requested.emit(attachment.sha256))
        caption = QLabel(self)
        caption.setTextFormat(Qt.TextFormat.PlainText)
        caption.setProperty("role", "caption")
        caption.setWordWrap(True)
        caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        caption.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        caption.setText(words if len(words) <= _CAPTION else words[: _CAPTION - 1] + "…")
        caption.setToolTip(words if len(words) > _CAPTION else "")
        caption.setProperty("words", caption.text())
        caption.setAccessibleName(
            self.tr("Recognised: %s") % words if words else self.tr("Nothing recognised")
        )
        tile.show()
        caption.setVisible(bool(words))
        return tile, caption, path, attachment

    def content_height(self, width: int) -> int:
        now = theme.current()
        top = self._place_sounds(width, self._place_pictures(width))
        self._bubble = QRectF()
        if self._shown[1]:
            across, down = now.px(_PADDING[0]), now.px(_PADDING[1])
            most = int(width * _WIDEST) - 2 * across
            inner = self.body.natural_width(most)
            # The last line's spacing lies below its letters; the bubble shouldn't look heavier there.
            height = self.body.height_for(inner) - now.px(5)
            left = width - inner - across
            self.body.setGeometry(left, top + down, inner, height + now.px(5))
            self._bubble = QRectF(left - across, top, inner + 2 * across, height + 2 * down)
            top += height + 2 * down
        self.update()
        return top

    def _place_pictures(self, width: int) -> int:
        """Pictures in rows from the right, each with its line below it."""
        now = theme.current()
        gap = now.px(_GAP)
        single = len(self._pictures) == 1
        top, row_height = 0, 0
        places: list[tuple[PictureTile, QLabel, QSize]] = []
        most = QSize(now.px((_ONE if single else _MANY)[0]), now.px((_ONE if single else _MANY)[1]))
        ratio = self.devicePixelRatioF()
        for tile, caption, path, attachment in self._pictures:
            if single and attachment is not None and attachment.width and attachment.height:
                size = QSize(attachment.width, attachment.height)
                if size.width() > most.width() or size.height() > most.height():
                    size = size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
                size = size.expandedTo(QSize(now.px(64), now.px(64)))
            else:
                size = QSize(min(most.width(), width), min(most.height(), width))
            asked = QSize(int(2 * size.width() * ratio), int(2 * size.height() * ratio))
            _, image = self._thumbnails.get(path, asked)
            tile.set_image(image)
            tile.setProperty("asked", asked)
            places.append((tile, caption, size))
        per_row = max(1, (width + gap) // (most.width() + gap))
        for start in range(0, len(places), per_row):
            row = places[start : start + per_row]
            left = width - sum(size.width() for *_, size in row) - gap * (len(row) - 1)
            row_height = 0
            for tile, caption, size in row:
                tile.setGeometry(left, top, size.width(), size.height())
                height = size.height()
                if not caption.isHidden():
                    wide = int(width * _WIDEST) if single else size.width()
                    if not single:
                        _shorten(caption, wide)
                    tall = caption.heightForWidth(wide)
                    caption.setGeometry(left + size.width() - wide, top + height + gap // 2, wide, tall)
                    height += gap // 2 + tall
                row_height = max(row_height, height)
                left += size.width() + gap
            top += row_height + gap
        return top

    def _place_sounds(self, width: int, top: int) -> int:
        """Chips below each other at the right."""
        for chip in self._sounds:
            size = chip.sizeHint().boundedTo(QSize(width, chip.sizeHint().height()))
            chip.setGeometry(width - size.width(), top, size.width(), size.height())
            top += size.height() + theme.current().px(_GAP)
        return top

    def _picture_ready(self, key: str, image: QImage) -> None:
        for tile, _, path, _ in self._pictures:
            asked = tile.property("asked")
            if asked is not None and key == f"{path}|{asked.width()}x{asked.height()}":
                tile.set_image(image)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._bubble.isNull() or self._editor is not None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("user_bubble"))
        radius = min(theme.current().px(tokens.RADIUS_LARGE), self._bubble.height() / 2)
        painter.drawRoundedRect(self._bubble.translated(QPointF(0, 0)), radius, radius)
        painter.end()

    def _show_content(self, shown: bool) -> None:
        super()._show_content(shown)
        for tile, caption, *_ in self._pictures:
            tile.setVisible(shown)
            caption.setVisible(shown and bool(caption.text()))
        for chip in self._sounds:
            chip.setVisible(shown)
        self.update()
