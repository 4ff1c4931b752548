"""Draws the sidebar's rows: headings, titles, and search hits with the found words marked."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from assistant.records import Conversation, SearchHit
from ui import theme
from ui.conversations.list_model import ROW, Heading
from ui.theme import tokens

Index = QModelIndex | QPersistentModelIndex
_SNIPPET_LINES = 2


class RowPainter(QStyledItemDelegate):
    """``current`` is the id of the conversation that is open: it stays marked without the focus."""

    current: str | None = None
    unread: frozenset[str] = frozenset()  # ids of conversations with a reply that nobody has seen
    several = False  # more than one row is selected

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row, px = index.data(ROW), theme.current().px
        if isinstance(row, Heading):
            return QSize(100, px(32 if row.folder else 36 if index.row() else 28))
        if isinstance(row, SearchHit):
            lines = 1 if row.message_id is None else 1 + _SNIPPET_LINES
            return QSize(100, px(12 + 19 * lines))
        return QSize(100, px(36))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, now = index.data(ROW), theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect.adjusted(0, 1, 0, -1)
        inner = area.adjusted(now.px(10), 0, -now.px(10), 0)
        if isinstance(row, Heading) and row.folder:
            self._background(painter, option, area, row)
            self._folder(painter, inner, row)
        elif isinstance(row, Heading):
            self._text(painter, inner, row.text, tokens.TYPE_SMALL, "muted", bold=True, low=True)
        else:
            self._background(painter, option, area, row)
            if isinstance(row, SearchHit):
                self._hit(painter, inner, row)
            elif isinstance(row, Conversation):
                if row.pinned:
                    side = now.px(tokens.ICON_SMALL)
                    icon = theme.icon("pin", "muted", tokens.ICON_SMALL)
                    icon.paint(painter, inner.right() - side, inner.center().y() - side // 2, side, side)
                    inner = inner.adjusted(0, 0, -side - now.px(6), 0)
                title = row.title or self.tr("New chat")
                if row.folder:
                    inner = inner.adjusted(now.px(tokens.ICON_SMALL + 8), 0, 0, 0)
                unread = row.id in self.unread
                if unread:
                    inner = self._dot(painter, inner)
                self._text(painter, inner, title, tokens.TYPE_BODY, "text", bold=unread)
        painter.restore()

    def _dot(self, painter: QPainter, area: QRect) -> QRect:
        """The mark of a reply that nobody has seen, at the right; the room that is left."""
        side = theme.current().px(8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(QRect(area.right() - side, area.center().y() - side // 2, side, side))
        return area.adjusted(0, 0, -2 * side, 0)

    def _folder(self, painter: QPainter, area: QRect, row: Heading) -> None:
        """Its icon, its name, and whether it is open."""
        px = theme.current().px
        side, small = px(tokens.ICON_SMALL), px(12)
        middle = area.center().y()
        icon = theme.icon("folder", "muted", tokens.ICON_SMALL)
        icon.paint(painter, area.left(), middle - side // 2, side, side)
        chevron = theme.icon("chevron-down" if row.open else "chevron-right", "muted", 12)
        chevron.paint(painter, area.right() - small, middle - small // 2, small, small)
        room = area.adjusted(side + px(8), 0, -small - px(8), 0)
        self._text(painter, room, row.text, tokens.TYPE_BODY, "text", bold=True)

    def _background(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        row: Conversation | SearchHit | Heading,
    ) -> None:
        state: QStyle.StateFlag = option.state
        token = ""
        if isinstance(row, Conversation) and row.id == self.current:
            token = "selected"
        elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            token = "hover"
        if state & QStyle.StateFlag.State_Selected and self.several:
            token = "selected"
        radius = theme.current().px(tokens.RADIUS)
        if token:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(area, radius, radius)
        if state & QStyle.StateFlag.State_HasFocus:
            pen = painter.pen()
            pen.setColor(theme.colour("accent"))
            pen.setWidth(2)
            pen.setStyle(Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius, radius)

    def _text(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        size: int,
        token: str,
        *,
        bold: bool = False,
        low: bool = False,
    ) -> None:
        font = QFont(painter.font())
        font.setPixelSize(theme.current().px(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.colour(token))
        if low:
            area = area.adjusted(0, 0, 0, -theme.current().px(6))
        flags = Qt.AlignmentFlag.AlignBottom if low else Qt.AlignmentFlag.AlignVCenter
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, flags | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, elided)

    def _hit(self, painter: QPainter, area: QRect, hit: SearchHit) -> None:
        px = theme.current().px
        top = QRect(area.left(), area.top() + px(4), area.width(), px(20))
        self._text(painter, top, hit.title or self.tr("New chat"), tokens.TYPE_BODY, "text")
        if hit.message_id is None:
            return
        font = QFont(painter.font())
        font.setPixelSize(px(tokens.TYPE_SMALL))
        layout = QTextLayout(hit.snippet, font)
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.setCacheEnabled(False)
        layout.setFormats([_mark(start, end) for start, end in hit.marks])
        layout.beginLayout()
        y = 0.0
        for _ in range(_SNIPPET_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(area.width())
            line.setPosition(line.position().__class__(0, y))
            y += line.height()
        layout.endLayout()
        painter.setPen(theme.colour("muted"))
        painter.setClipRect(area)
        layout.draw(painter, top.bottomLeft().toPointF())

    # --- renaming in place -----------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Title of the conversation"))
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)


def _mark(start: int, end: int) -> QTextLayout.FormatRange:
    shape = QTextCharFormat()
    shape.setBackground(theme.colour("selection"))
    shape.setForeground(theme.colour("on_selection"))
    made = QTextLayout.FormatRange()
    made.start, made.length = start, end - start
    made.format = shape
    return made
