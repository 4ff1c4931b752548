"""Small widgets every part of the window shares: buttons whose icon follows the theme, labels, hairlines."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCursor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from ui import theme
from ui.theme import tokens


class IconButton(QToolButton):
    """A button that is only an icon. ``text`` is its accessible name and, with the shortcut, its tooltip."""

    def __init__(
        self,
        icon: str,
        text: str,
        parent: QWidget | None = None,
        *,
        token: str = "muted",
        checked_token: str | None = None,
        size: int = tokens.ICON,
        side: int = tokens.BUTTON,
        shortcut: str = "",
    ) -> None:
        super().__init__(parent)
        self._icon, self._token, self._checked_token = icon, token, checked_token
        self._size, self._side = size, side
        self.setProperty("kind", "icon")
        self.setCheckable(checked_token is not None)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_text(text, shortcut)
        self._tint()

    def set_text(self, text: str, shortcut: str = "") -> None:
        """Name the button for screen readers and for the tooltip."""
        self.setAccessibleName(text)
        self.setToolTip(f"{text}  ({shortcut})" if shortcut else text)

    def set_icon(self, icon: str, token: str | None = None) -> None:
        """Show another icon, in another colour if ``token`` is given."""
        self._icon, self._token = icon, token or self._token
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        now = theme.current()
        self.setIcon(theme.icon(self._icon, self._token, self._size, self._checked_token))
        self.setIconSize(QSize(now.px(self._size), now.px(self._size)))
        self.setFixedSize(now.px(self._side), now.px(self._side))


class MenuChip(QToolButton):
    """A quiet button in the header that opens a menu; its chevron says so."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setProperty("kind", "chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._menu = QMenu(self)
        self._menu.aboutToHide.connect(lambda: QTimer.singleShot(0, self, self._rest))
        self.setMenu(self._menu)
        self._tint()

    def _rest(self) -> None:
        """The menu took the mouse away without a word: hovered is only what the pointer is on."""
        if not self.rect().contains(self.mapFromGlobal(QCursor.pos())):
            QApplication.sendEvent(self, QEvent(QEvent.Type.Leave))
            self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme.current().px(12)
        painter = QPainter(self)
        left = self.width() - side - theme.current().px(8)
        theme.icon("chevron-down", "muted", 12).paint(painter, left, (self.height() - side) // 2, side, side)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        side = theme.current().px(tokens.ICON_SMALL)
        self.setIcon(theme.icon(self._icon, "muted", tokens.ICON_SMALL))
        self.setIconSize(QSize(side, side))


class Button(QPushButton):
    """A push button of ``kind`` primary, plain, ghost, danger, link or nav; its icon follows the theme."""

    _ICON_TOKEN = {"primary": "on_accent", "danger": "danger", "link": "link"}  # noqa: RUF012

    def __init__(
        self, text: str, parent: QWidget | None = None, *, kind: str = "plain", icon: str = ""
    ) -> None:
        super().__init__(text, parent)
        self._icon, self._kind = icon, kind
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tint()

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        if self._icon:
            side = theme.current().px(tokens.ICON)
            self.setIcon(theme.icon(self._icon, self._ICON_TOKEN.get(self._kind, "muted")))
            self.setIconSize(QSize(side, side))


class IconLabel(QLabel):
    """An icon that is not a button."""

    def __init__(
        self,
        icon: str,
        name: str,
        parent: QWidget | None = None,
        *,
        token: str = "muted",
        size: int = tokens.ICON,
    ) -> None:
        super().__init__(parent)
        self._icon, self._token, self._size = icon, token, size
        self.setAccessibleName(name)
        self._tint()

    def set_icon(self, icon: str, token: str | None = None) -> None:
        self._icon, self._token = icon, token or self._token
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        side = theme.current().px(self._size)
        self.setPixmap(
            theme.icon(self._icon, self._token, self._size).pixmap(
                QSize(side, side), self.devicePixelRatioF()
            )
        )


def label(text: str, role: str = "", parent: QWidget | None = None, *, wrap: bool = False) -> QLabel:
    """A plain-text label (never HTML: text may come from a model or a file) in the type of ``role``."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    made.setAccessibleName(text)
    if role:
        made.setProperty("role", role)
    return made


def line(parent: QWidget | None = None, *, vertical: bool = False) -> QFrame:
    """A hairline between two blocks."""
    made = QFrame(parent)
    made.setProperty("role", "line-vertical" if vertical else "line")
    made.setAccessibleName("-")
    return made


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property the stylesheet looks at and restyle the widget."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
