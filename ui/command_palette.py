"""Ctrl+K: every command of the window and every chat, by typing a few letters of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.theme import tokens

Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole.UserRole
_WIDTH = 560  # pixels
_ROW = 36
_ROWS = 9  # shown at once
_SEARCH_AFTER_MS = 120


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be done. ``hint``: its keys, or what kind of thing it is."""

    text: str
    hint: str
    act: Callable[[], object]
    icon: str = "chevron-right"


def matching(entries: Sequence[Entry], query: str) -> list[Entry]:
    """Those whose text has every word of ``query`` in it; those that begin with it come first."""
    words = query.casefold().split()
    found = [entry for entry in entries if all(word in entry.text.casefold() for word in words)]
    first = words[0] if words else ""
    return sorted(found, key=lambda entry: not entry.text.casefold().startswith(first))


class CommandPalette(QFrame):
    """Over the window, hidden until ``open_palette``. ``chats_wanted`` asks for chats; ``show_chats`` answers."""

    chats_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Commands and chats"))
        self._commands: list[Entry] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Type a command, or a word from a chat"))
        self.field.setAccessibleName(self.tr("Commands and chats"))
        self.field.setMaxLength(200)
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        self.model = _Entries(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.setAccessibleName(self.tr("What was found"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID, tokens.GRID, tokens.GRID, tokens.GRID)
        column.setSpacing(tokens.HALF)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self._delay = QTimer(self, singleShot=True, interval=_SEARCH_AFTER_MS)
        self._delay.timeout.connect(lambda: self.chats_wanted.emit(self.field.text().strip()))
        parent.installEventFilter(self)
        self.hide()

    def open_palette(self, commands: Sequence[Entry]) -> None:
        """Show it with these commands, and give it the keyboard; open already, it is closed."""
        if not self.isHidden():
            self.close_palette()
            return
        self._commands = list(commands)
        self.field.clear()
        self._show(self._commands)
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.chats_wanted.emit("")

    def close_palette(self) -> bool:
        """Put it away; False if it was not there. The keyboard goes back to the message box."""
        if self.isHidden():
            return False
        self._delay.stop()
        self.hide()
        return True

    def show_chats(self, query: str, chats: Sequence[Entry]) -> None:
        """Chats that ``query`` finds, below the commands; ignored if the field says something else by now."""
        if not self.isHidden() and query == self.field.text().strip():
            commands = matching(self._commands, query)
            # With nothing typed the last chats are likelier to be wanted than a command.
            self._show([*commands, *chats] if query else [*chats, *commands])

    def entries(self) -> list[Entry]:
        """What is shown, from the top."""
        return self.model.entries

    def _typed(self) -> None:
        query = self.field.text().strip()
        self._show(matching(self._commands, query))
        self._delay.start()

    def _show(self, entries: list[Entry]) -> None:
        chosen = self._chosen()
        self.model.show_entries(entries)
        at = next((row for row, entry in enumerate(entries) if entry is chosen), 0)
        self.list.setCurrentIndex(self.model.index(at if chosen is not None else 0))
        self._place()

    def _chosen(self) -> Entry | None:
        entry = self.list.currentIndex().data(_ROLE)
        moved = self.list.currentIndex().row() > 0
        return entry if isinstance(entry, Entry) and moved else None

    def _run(self, index: QModelIndex) -> None:
        entry = index.data(_ROLE)
        if isinstance(entry, Entry):
            self.close_palette()
            # When the keyboard is home again: what is done may take it elsewhere.
            QTimer.singleShot(0, self, entry.act)

    def _place(self) -> None:
        parent, px = self.parentWidget(), theme.current().px
        if parent is None:
            return
        width = min(px(_WIDTH), parent.width() - 4 * tokens.GRID)
        rows = max(1, min(_ROWS, self.model.rowCount()))
        self.list.setFixedHeight(rows * px(_ROW) + 2)
        height = self.sizeHint().height()
        self.setGeometry((parent.width() - width) // 2, parent.height() // 10, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        elif watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        elif watched is self.field and isinstance(event, QFocusEvent) and event.lostFocus():
            stays = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
            if event.reason() not in stays:
                QTimer.singleShot(0, self, self.close_palette)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS, Qt.Key.Key_PageUp: -_ROWS}
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
            return True
        if event.key() in steps and self.model.rowCount():
            step, count = steps[Qt.Key(event.key())], self.model.rowCount()
            row = self.list.currentIndex().row() + step
            row = row % count if abs(step) == 1 else max(0, min(row, count - 1))
            self.list.setCurrentIndex(self.model.index(row))
            return True
        return False


class _Entries(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show_entries(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == _ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.text}, {entry.hint}" if entry.hint else entry.text
        return None


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, theme.current().px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry, now = index.data(_ROLE), theme.current()
        if not isinstance(entry, Entry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(0, 1, 0, -1)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selected" if chosen else "hover"))
            painter.drawRoundedRect(area, now.px(tokens.RADIUS), now.px(tokens.RADIUS))
        side = now.px(tokens.ICON_SMALL)
        left = area.left() + now.px(10)
        theme.icon(entry.icon, "muted", tokens.ICON_SMALL).paint(
            painter, left, area.center().y() - side // 2, side, side
        )
        inner = area.adjusted(now.px(10) + side + now.px(10), 0, -now.px(10), 0)
        font = painter.font()
        font.setPixelSize(now.px(tokens.TYPE_SMALL))
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, right | Qt.TextFlag.TextSingleLine, entry.hint)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(entry.hint) - now.px(16)
        font.setPixelSize(now.px(tokens.TYPE_BODY))
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        text = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(
            inner,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
            text,
        )
        painter.restore()
